#include "dreamreel/prepare/warnings.h"

#include <fmt/core.h>

#include <array>
#include <cstdio>
#include <string>

#include "dreamreel/core/counted.h"
#include "dreamreel/core/log.h"
#include "dreamreel/footage/reader_options.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/sound_length.h"
#include "dreamreel/media/warnings.h"
#include "dreamreel/prepare/writer_options.h"

namespace dreamreel::prepare {

void log_media_warnings(const job::Job& job, const media::VideoInfo& info,
                        const schedule::FrameRange& frames) {
  if (job.input.noise) return;
  const auto source = footage::reader_options(job.input);
  for (const auto& text : media::source_warnings(source, info)) log_warning(text);
  for (const auto& one : job::jobs_of_outputs(job)) {
    const std::string name = one.output.path.filename().string() + ": ";
    const auto output = writer_options(one, info, frames, 0, frames.begin);
    for (const auto& text : media::output_warnings(source, info, output))
      log_warning((job::has_several_outputs(job) ? name : "") + text);
  }
}

void log_song_length(const job::Job& job, const media::VideoInfo& info) {
  constexpr double kWorthSaying = 1;  // seconds
  if (!job.input.audio || info.frame_count == 1 || info.duration_seconds <= 0) return;
  const auto length = media::sound_length(*job.input.audio);
  if (!length) return;
  const std::string song = job.input.audio->string();
  const double start = footage::song_start(job, info), rest = *length - start - info.duration_seconds;
  std::array<char, 160> text{};
  if (start >= *length) {
    std::snprintf(text.data(), text.size(), ", which ends after %.1f s, so nothing of it is heard", *length);
    return log_warning("input.audio_start: " + to_string(*job.input.audio_start) + " is behind the end of " +
                       song + text.data());
  }
  if (rest > kWorthSaying)
    std::snprintf(text.data(), text.size(), " is %.1f s longer than the video, and ends with it after %.1f s",
                  rest, info.duration_seconds);
  else if (rest < -kWorthSaying)
    std::snprintf(text.data(), text.size(), " ends after %.1f s; the last %.1f s of the video are silent",
                  *length - start, -rest);
  else
    return;
  log_info(song + text.data());
}

void log_fades_cut_short(const job::Job& job, const std::vector<schedule::Fade>& fades, std::int64_t end) {
  for (const auto& fade : fades) {
    if (!fade.is_cut_short() || fade.end >= end) continue;
    const std::string at = to_string(job.temporal.cuts.times.at(fade.cuts.front()));
    log_warning(
        fmt::format("temporal.cuts: the cross-fade at {} ends after {} of {}, because another cut comes at "
                    "frame {}; let it "
                    "begin at that frame, make it shorter{}",
                    at, counted(fade.end - fade.begin, "frame"), fade.frames, fade.end,
                    job.temporal.cuts.found ? ", or take 'auto' out of temporal.cuts" : ""));
  }
}

}  // namespace dreamreel::prepare
