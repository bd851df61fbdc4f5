// Where the shots of a job begin. A part of job::Temporal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/core/time.h"
#include "dreamreel/curve/expression.h"

namespace dreamreel::job {

/// Where new shots begin, apart from the first frame. A dream is not carried across a cut.
struct Cuts {
  bool found = true;               ///< where the picture changes
  std::vector<TimePoint> times{};  ///< at these times of the job
  /// For each of `times`, how long the dreams before and behind it are cross-faded; nullopt for a plain cut.
  std::vector<std::optional<TimePoint>> fades{};
  std::vector<curve::Expression> rises{};  ///< where the whole part of a value rises
  /// Whether the job itself says where shots begin.
  bool is_asked() const { return !times.empty() || !rises.empty(); }
  /// Whether a time counts beats, or an expression reads the sound.
  bool uses_sound() const;
  bool counts_beats() const;
  bool fade() const;                 ///< whether any cut has a cross-fade
  bool reads_own_variables() const;  ///< of the job: series and stems
  bool operator==(const Cuts&) const = default;
};

/// The key of Cuts::times[i] in a resolved job: "temporal.cuts.2", or "temporal.cuts" if it is the only item.
std::string key_of_time(const Cuts& cuts, std::size_t i);

}  // namespace dreamreel::job
