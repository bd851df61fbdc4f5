// What the Writer is told about a job's output.
#pragma once

#include "dreamreel/media/writer.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::render {

/// Sound, metadata and chapters begin where the plan's first frame does. Pictures are numbered from `first_frame`.
media::WriterOptions writer_options(const job::Job& job, const media::VideoInfo& info,
                                    const schedule::FrameRange& range, double first_seconds,
                                    std::int64_t first_frame);

/// What the Writer may expect of the range: chapters and sound end where an excerpt ends.
media::VideoInfo info_of_range(const media::VideoInfo& info, const schedule::FrameRange& range);

/// Frames that will come, as far as the container tells; 0 if it does not.
std::int64_t frames_to_render(const media::VideoInfo& info, const schedule::FrameRange& range);

}  // namespace dreamreel::render
