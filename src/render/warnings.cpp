#include "dreamreel/render/warnings.h"

#include <array>
#include <cstdio>
#include <string>

#include "dreamreel/core/log.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/sound_length.h"
#include "dreamreel/media/warnings.h"
#include "dreamreel/render/resolve.h"
#include "output.h"

namespace dreamreel::render {

void log_media_warnings(const job::Job& job, const media::VideoInfo& info,
                        const schedule::FrameRange& frames) {
  if (job.input.noise) return;
  const auto source = reader_options(job.input);
  for (const auto& text : media::source_warnings(source, info)) log_warning(text);
  for (const auto& one : job::jobs_of_outputs(job)) {
    const std::string name = one.output.path.filename().string() + ": ";
    const auto output = writer_options(one, info, frames, 0, frames.begin);
    for (const auto& text : media::output_warnings(source, info, output))
      log_warning((job::has_several_outputs(job) ? name : "") + text);
  }
}

void log_longer_song(const job::Job& job, const media::VideoInfo& info) {
  constexpr double kWorthSaying = 1;  // seconds
  if (!job.input.audio || info.frame_count == 1 || info.duration_seconds <= 0) return;
  const auto length = media::sound_length(*job.input.audio);
  if (!length) return;
  const double rest = *length - song_start(job, info) - info.duration_seconds;
  if (rest <= kWorthSaying) return;
  std::array<char, 100> text{};
  std::snprintf(text.data(), text.size(), " is %.1f s longer than the video, and ends with it after %.1f s",
                rest, info.duration_seconds);
  log_info(job.input.audio->string() + text.data());
}

}  // namespace dreamreel::render
