// Whether the camera ever shows what lies outside the frame.
#pragma once

#include <optional>
#include <string>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/render/timeline.h"

namespace dreamreel::render {

/// What to say about it: from which frame on, and the smallest zoom a second that would cover the corners. nullopt where
/// the camera rests, or stays within the frame. Sources of unknown length are looked at for their first second.
std::optional<std::string> camera_gap(const job::Job& job, const Timeline& timeline,
                                      const media::VideoInfo& info);

}  // namespace dreamreel::render
