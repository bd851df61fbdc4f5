// Makes the Writer's options from a job's output.
#pragma once

#include "dreamreel/media/writer.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::render {

/// Sound, metadata and chapters begin at `first_seconds`, with the plan's first frame. The pictures of an
/// image sequence are numbered from `output.first_number` on, which is frame 0; the first one is
/// `first_frame`.
media::WriterOptions writer_options(const job::Job& job, const media::VideoInfo& info,
                                    const schedule::FrameRange& range, double first_seconds,
                                    std::int64_t first_frame);

/// `info` as the Writer should expect it for the range: chapters and sound end where an excerpt ends.
media::VideoInfo info_of_range(const media::VideoInfo& info, const schedule::FrameRange& range);

/// The second of `input.audio` that is heard with the first frame of the whole job.
double song_start(const job::Job& job, const media::VideoInfo& info);

/// The second of each stem that belongs to the first frame: where the sound that is heard begins in its file.
double start_of_stems(const job::Job& job, const media::VideoInfo& info);

/// The number of frames that will come, or 0 if the container does not tell.
std::int64_t frames_to_render(const media::VideoInfo& info, const schedule::FrameRange& range);

}  // namespace dreamreel::render
