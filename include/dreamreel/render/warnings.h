#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::render {

/// Logs warnings about the job's source and output before anything is rendered (media/warnings.h). `info`
/// describes the source.
void log_media_warnings(const job::Job& job, const media::VideoInfo& info,
                        const schedule::FrameRange& frames);

}  // namespace dreamreel::render
