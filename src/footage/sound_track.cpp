#include "dreamreel/footage/sound_track.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "dreamreel/core/cache_folder.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/media/sound_cache.h"

namespace dreamreel::footage {
namespace {

media::SoundSmoothing smoothing_of(const job::Audio& audio) {
  const auto one = [](const job::Smoothing& times) {
    return media::AttackRelease{times.attack_seconds, times.release_seconds};
  };
  return {one(audio.loudness), one(audio.bass),  one(audio.mid),
          one(audio.treble),   one(audio.onset), one(audio.beat)};
}

media::BeatRules beat_rules(const job::Audio& audio, double frames_per_second) {
  media::BeatRules rules;
  if (audio.bpm) {
    rules.slowest_bpm = audio.bpm->slowest;
    rules.fastest_bpm = audio.bpm->fastest;
  }
  if (audio.first_beat) rules.first_beat_seconds = audio.first_beat->seconds(frames_per_second);
  return rules;
}

// A settled tempo counts even where no beat can be heard.
std::optional<BeatGrid> grid_of(const media::SoundAnalysis& analysis, const media::BeatRules& rules,
                                int meter) {
  if (!analysis.beats.empty()) return BeatGrid(analysis.beats, analysis.tempo_bpm, meter);
  if (!rules.is_settled()) return {};
  return BeatGrid({rules.first_beat_seconds.value_or(0)}, rules.slowest_bpm, meter);
}

// Bounds the work, because the analysis takes a spectrum for every frame.
void expect_few_frames(const media::VideoInfo& info) {
  constexpr double kMostPerSecond = 1000;
  constexpr std::int64_t kMost = 2'000'000;  // 23 hours at 24 frames a second
  const auto frames = info.frame_count.value_or(0);
  if (info.frame_rate.value() > kMostPerSecond || frames > kMost)
    throw JobError(
        fmt::format("the sound is listened to for at most {} frames, of which 1000 a second, but the job has "
                    "{} frames, of which {:g} a second; make it shorter or slower, or take the variables of "
                    "the sound out of its curves",
                    kMost, frames, info.frame_rate.value()));
}

// Of the whole job, in a file that is still to be named.
media::SoundRange range_of_job(const job::Job& job, const media::VideoInfo& info) {
  media::SoundRange range;
  range.frame_rate = info.frame_rate;
  range.frame_count = info.frame_count;
  range.beats = beat_rules(job.audio, info.frame_rate.value());
  return range;
}

SoundTrack listen_to(const media::SoundRange& range, const job::Job& job, const media::VideoInfo& info) {
  expect_few_frames(info);
  const auto cache = cache_folder();
  auto analysis = cache ? media::cached_sound(range, *cache / "sound") : media::analyse_sound(range);
  return {std::move(analysis), range.frame_rate, job.audio};
}

}  // namespace

SoundTrack::SoundTrack(media::SoundAnalysis analysis, Rational frame_rate, const job::Audio& audio)
    : analysis_(std::move(analysis)),
      frames_per_second_(frame_rate.value()),
      levels_(media::smoothed(analysis_.levels, frame_rate, smoothing_of(audio))),
      beats_(grid_of(analysis_, beat_rules(audio, frame_rate.value()), audio.beats_of_bar())) {}

const SoundLevels& SoundTrack::at(double seconds) const {
  static const SoundLevels kSilent;
  const double frame = std::round(seconds * frames_per_second_);
  return frame >= 0 && frame < static_cast<double>(levels_.size()) ? levels_[static_cast<std::size_t>(frame)]
                                                                   : kSilent;
}

bool SoundTrack::is_silent() const {
  constexpr float kSilent = 1e-3F;  // -60 dB
  return std::ranges::all_of(analysis_.peaks, [](float peak) { return peak < kSilent; });
}

std::optional<Rhythm> rhythm_of(const SoundTrack& sound) {
  if (sound.beats() == nullptr) return {};
  const BeatGrid& grid = *sound.beats();
  constexpr double kSecondsOfMinute = 60;
  const double heard = sound.analysis().tempo_bpm, first = grid.seconds_at(0.0);
  return Rhythm{heard > 0 ? heard : kSecondsOfMinute / (grid.seconds_at(1.0) - first), first, grid.meter()};
}

std::optional<media::SoundRange> sound_of(const job::Job& job, const media::VideoInfo& info) {
  media::SoundRange range = range_of_job(job, info);
  if (job.input.audio) {
    range.path = *job.input.audio;
    range.start_seconds = song_start(job, info);
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
  return listen_to(*range, job, info);
}

SoundTrack load_stem(const job::Job& job, const media::VideoInfo& info, const std::filesystem::path& stem,
                     const std::atomic<bool>* stop) {
  media::SoundRange range = range_of_job(job, info);
  range.path = stem;
  // A stem is a part of the sound that is heard, so it begins where that sound begins.
  range.start_seconds = start_of_stems(job, info);
  return in_background([=] { return listen_to(range, job, info); }, stop,
                       "interrupted while listening to a stem");
}

SoundTrack needed_sound(const job::Job& job, const media::VideoInfo& info, const std::string& reader,
                        bool counts_beats, const std::atomic<bool>* stop) {
  auto sound = in_background([job, info] { return load_sound(job, info); }, stop,
                             "interrupted while listening to the sound");
  const std::string reads = counts_beats ? "counts the beats of the sound" : "reads the sound";
  if (!sound)
    throw JobError(fmt::format("{}: {}, but the job has none; set input.audio, or take {} out", reader, reads,
                               counts_beats ? "beats and bars" : "the variables of the sound"));
  if (counts_beats && sound->beats() == nullptr)
    throw JobError(fmt::format(
        "{}: {}, but none were found in it; set audio.bpm to its tempo in beats a minute", reader, reads));
  return *std::move(sound);
}

double song_start(const job::Job& job, const media::VideoInfo& info) {
  return job.input.audio_start ? job.input.audio_start->seconds(info.frame_rate.value()) : 0;
}

double start_of_stems(const job::Job& job, const media::VideoInfo& info) {
  return job.input.audio || job.input.noise ? song_start(job, info) : info.start_seconds;
}

}  // namespace dreamreel::footage
