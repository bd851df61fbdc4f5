#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::render {

/// Logs warnings about the job's source and output before anything is rendered (media/warnings.h). `info`
/// describes the source.
void log_media_warnings(const job::Job& job, const media::VideoInfo& info,
                        const schedule::FrameRange& frames);

/// Logs by how much `input.audio` is longer or shorter than the whole video, if by more than a second and if
/// the song's header says its length. Warns if it begins behind its end. Throws InputError for a song that
/// cannot be read.
void log_song_length(const job::Job& job, const media::VideoInfo& info);

}  // namespace dreamreel::render
