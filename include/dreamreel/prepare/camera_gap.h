// Tells whether the camera ever shows the area outside the frame.
#pragma once

#include <optional>
#include <string>

#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::prepare {

/// A warning with the first frame that shows a gap, and the smallest zoom per second that would cover the
/// corners. nullopt if the camera rests or stays within the frame. For a source of unknown length, only the
/// first second is checked.
std::optional<std::string> camera_gap(const job::Job& job, const footage::Timeline& timeline,
                                      const media::VideoInfo& info);

}  // namespace dreamreel::prepare
