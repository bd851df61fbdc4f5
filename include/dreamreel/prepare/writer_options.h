// Makes the Writer's options from a job's output, and tells what its parts hold.
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/media/writer.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::prepare {

/// Sound, metadata and chapters begin at `first_seconds`, with the plan's first frame. The pictures of an
/// image sequence are numbered from `output.first_number` on, which is frame 0; the first one is
/// `first_frame`.
media::WriterOptions writer_options(const job::Job& job, const media::VideoInfo& info,
                                    const schedule::FrameRange& range, double first_seconds,
                                    std::int64_t first_frame);

/// `info` as the Writer should expect it for the range: chapters and sound end where an excerpt ends.
media::VideoInfo info_of_range(const media::VideoInfo& info, const schedule::FrameRange& range);

/// The number of frames that will come, or 0 if the container does not tell.
std::int64_t frames_to_render(const media::VideoInfo& info, const schedule::FrameRange& range);

/// False for a single output of pictures, because pictures lie at their final place and a part only lists
/// them.
bool parts_hold_frames(const job::Job& job);

}  // namespace dreamreel::prepare
