#include "dreamreel/render/sound_track.h"

#include <cmath>
#include <string>
#include <utility>

#include "dreamreel/core/cache_folder.h"
#include "dreamreel/core/error.h"

namespace dreamreel::render {
namespace {

media::SoundSmoothing smoothing_of(const job::Audio& audio) {
  const auto one = [](const job::Smoothing& times) {
    return media::AttackRelease{times.attack_seconds, times.release_seconds};
  };
  return {one(audio.loudness), one(audio.bass),  one(audio.mid),
          one(audio.treble),   one(audio.onset), one(audio.beat)};
}

// Bounds the work, because the analysis takes a spectrum for every frame.
void expect_few_frames(const media::VideoInfo& info) {
  constexpr double kMostPerSecond = 1000;
  constexpr std::int64_t kMost = 2'000'000;  // 23 hours at 24 frames a second
  const auto frames = info.frame_count.value_or(0);
  if (info.frame_rate.value() > kMostPerSecond || frames > kMost)
    throw JobError("the sound is listened to for at most " + std::to_string(kMost) +
                   " frames, of which 1000 a second, but the job has " + std::to_string(frames) +
                   " frames, of which " + std::to_string(info.frame_rate.value()) +
                   " a second; make it shorter or slower, or take the variables of the sound out of its "
                   "curves");
}

}  // namespace

SoundTrack::SoundTrack(media::SoundAnalysis analysis, Rational frame_rate, const job::Audio& smoothing)
    : analysis_(std::move(analysis)),
      frames_per_second_(frame_rate.value()),
      levels_(media::smoothed(analysis_.levels, frame_rate, smoothing_of(smoothing))) {}

const SoundLevels& SoundTrack::at(double seconds) const {
  static const SoundLevels kSilent;
  const double frame = std::round(seconds * frames_per_second_);
  return frame >= 0 && frame < static_cast<double>(levels_.size()) ? levels_[static_cast<std::size_t>(frame)]
                                                                   : kSilent;
}

std::optional<media::SoundRange> sound_of(const job::Job& job, const media::VideoInfo& info) {
  media::SoundRange range;
  range.frame_rate = info.frame_rate;
  range.frame_count = info.frame_count;
  if (job.input.audio) {
    range.path = *job.input.audio;
    if (job.input.audio_start) range.start_seconds = job.input.audio_start->seconds(info.frame_rate.value());
    return range;
  }
  if (job.input.noise || info.sound_tracks == 0) return {};
  range.path = job.input.path;
  range.start_seconds = info.start_seconds;
  return range;
}

std::optional<SoundTrack> load_sound(const job::Job& job, const media::VideoInfo& info) {
  const auto range = sound_of(job, info);
  if (!range) return {};
  expect_few_frames(info);
  const auto cache = cache_folder();
  auto analysis = cache ? media::cached_sound(*range, *cache / "sound") : media::analyse_sound(*range);
  return SoundTrack(std::move(analysis), range->frame_rate, job.audio);
}

}  // namespace dreamreel::render
