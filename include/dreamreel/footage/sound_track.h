// The sound of a job, as levels for its curves.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/core/beat_grid.h"
#include "dreamreel/core/sound_levels.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/sound_analysis.h"
#include "dreamreel/media/video.h"

namespace dreamreel::footage {

/// Immutable; any thread may read it.
class SoundTrack {
 public:
  SoundTrack(media::SoundAnalysis analysis, Rational frame_rate, const job::Audio& audio);

  /// The smoothed levels at `seconds` of the job's time: the levels of the nearest frame at the nominal rate,
  /// or zeros before and after the sound. The reference is valid as long as the track lives.
  const SoundLevels& at(double seconds) const;

  /// Counts the beats. Null if the sound has no rhythm.
  const BeatGrid* beats() const { return beats_ ? &*beats_ : nullptr; }

  /// Whether no sample is louder than -60 dB.
  bool is_silent() const;

  /// The unsmoothed analysis, with tempo, beats and peaks.
  const media::SoundAnalysis& analysis() const { return analysis_; }

 private:
  media::SoundAnalysis analysis_;
  double frames_per_second_;
  std::vector<SoundLevels> levels_;
  std::optional<BeatGrid> beats_;
};

/// What beats and bars are counted by.
struct Rhythm {
  double bpm = 0;                ///< beats a minute
  double first_bar_seconds = 0;  ///< time in the job at which bar 0 begins; it may be below 0
  int beats_of_bar = 4;
};

/// The rhythm of a sound; nullopt if it has none.
std::optional<Rhythm> rhythm_of(const SoundTrack& sound);

/// The second of `input.audio` that is heard with the first frame of the whole job.
double song_start(const job::Job& job, const media::VideoInfo& info);

/// The second of each stem that belongs to the first frame: where the sound that is heard begins in its file.
double start_of_stems(const job::Job& job, const media::VideoInfo& info);

/// The part of a sound file that plays while the job's frames are shown: input.audio from its beginning, or
/// else the source's own sound from the trim on. nullopt if the job has neither. `info` describes the source.
std::optional<media::SoundRange> sound_of(const job::Job& job, const media::VideoInfo& info);

/// Analyses the job's sound, or loads the analysis from the cache folder. nullopt if the job has no sound.
/// Throws InputError if the sound cannot be read.
std::optional<SoundTrack> load_sound(const job::Job& job, const media::VideoInfo& info);

/// The levels of one of audio.stems, from the moment on at which the job's own sound begins. Throws
/// Interrupted once `stop`, which may be null, is set. Throws InputError if the stem cannot be read.
SoundTrack load_stem(const job::Job& job, const media::VideoInfo& info, const std::filesystem::path& stem,
                     const std::atomic<bool>* stop);

/// The same for something that needs the sound. `reader` names it in messages, e.g. a key. Throws Interrupted
/// once `stop`, which may be null, is set. Throws JobError if the job has no sound, or if `counts_beats` and
/// the sound has no rhythm.
SoundTrack needed_sound(const job::Job& job, const media::VideoInfo& info, const std::string& reader,
                        bool counts_beats, const std::atomic<bool>* stop);

}  // namespace dreamreel::footage
