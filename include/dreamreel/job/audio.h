// What the job says of its sound. A part of a job; see job.h.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "dreamreel/core/time.h"

namespace dreamreel::job {

/// How fast a variable of the sound follows its level: time constants of an exponential in seconds; 0 follows
/// at once.
struct Smoothing {
  double attack_seconds = 0, release_seconds = 0;
  bool operator==(const Smoothing&) const = default;
};

/// Limits of the tempo, in beats a minute. Equal limits settle it.
struct TempoRange {
  double slowest = 60, fastest = 200;
  bool operator==(const TempoRange&) const = default;
};

/// Smoothing for each number of SoundLevels, and what the job says of the beats. docs/sound.md has the
/// formulas.
struct Audio {
  Smoothing loudness{0, 0.2}, bass{0, 0.15}, mid{0, 0.15}, treble{0, 0.1}, onset{0, 0.15}, beat{0, 0.2};
  std::optional<TempoRange> bpm{};
  std::optional<TimePoint> first_beat{};  ///< on the job's time line, in seconds or frames
  std::optional<int> meter{};
  /// More sounds by name, each with levels of its own. They are not heard.
  std::map<std::string, std::filesystem::path> stems{};
  int beats_of_bar() const { return meter.value_or(4); }
  bool operator==(const Audio&) const = default;
};

}  // namespace dreamreel::job
