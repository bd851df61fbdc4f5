// Counts the beats of a sound, so that curves and times can count in beats and bars. Immutable; any thread
// may read it.
//
// Beat 0 is the first beat. The count goes on evenly between two beats, through breaks without beats, and at
// the tempo of the music before the first beat and after the last one. So every moment has a count, and
// every count has a moment.
#pragma once

#include <vector>

#include "dreamreel/core/sound_levels.h"
#include "dreamreel/core/time.h"

namespace dreamreel {

/// A beat up to this long before a frame falls into that frame, because beats are not known more exactly.
inline constexpr double kBeatTieSeconds = 0.004;
inline constexpr int kBarsOfPhrase = 4;

class BeatGrid {
 public:
  /// 120 beats a minute from 0 on, in bars of four beats.
  BeatGrid() : BeatGrid({0}, 120, 4) {}
  /// `beats`: seconds, rising, at least one. `tempo_bpm` > 0 holds before, behind and within breaks. `meter`:
  /// beats of a bar, at least 1.
  BeatGrid(const std::vector<double>& beats, double tempo_bpm, int meter);

  /// The moment of a beat, in seconds. The number need not be whole, and may be below 0.
  double seconds_at(double beat) const;
  /// The moment of a time that counts beats or bars.
  double seconds_at(const TimePoint& time) const;
  /// The exact count at a moment.
  double beats_at(double seconds) const;
  int meter() const { return meter_; }  ///< beats of a bar
  /// The counts of the frame that begins at `seconds`. In the frame in which a beat falls, `beats` is whole.
  /// So counts change together with the variable `beat`.
  void set_counts(double seconds, double frames_per_second, SoundValues& values) const;

 private:
  std::vector<double> seconds_;  // of the beats
  std::vector<double> counts_;   // of the same beats, whole and rising: a break counts too
  double period_;                // seconds
  int meter_;
};

/// The start of the first frame in which a moment has come: a frame shows the moments from its own time,
/// minus the tie, up to the next frame. A frame begins at or after the result if the moment has come.
double earliest_frame_start(double moment_seconds, double frames_per_second);

}  // namespace dreamreel
