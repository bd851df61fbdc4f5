#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::prepare {

/// Logs warnings about the job's source and output before anything is rendered (media/warnings.h). `info`
/// describes the source.
void log_media_warnings(const job::Job& job, const media::VideoInfo& info,
                        const schedule::FrameRange& frames);

/// Logs by how much `input.audio` is longer or shorter than the whole video, if by more than a second and if
/// the song's header says its length. Warns if it begins behind its end. Throws InputError for a song that
/// cannot be read.
void log_song_length(const job::Job& job, const media::VideoInfo& info);

/// Logs each cross-fade that another cut ends before its time. `end` is the frame behind the rendered range,
/// which ends a fade without a cut.
void log_fades_cut_short(const job::Job& job, const std::vector<schedule::Fade>& fades, std::int64_t end);

}  // namespace dreamreel::prepare
