#include "dreamreel/job/cuts.h"

#include <fmt/core.h>

#include <algorithm>

namespace dreamreel::job {

bool Cuts::fade() const {
  return std::ranges::any_of(fades, [](const auto& fade) { return fade.has_value(); });
}

bool Cuts::counts_beats() const {
  return std::ranges::any_of(times, &TimePoint::counts_beats) ||
         std::ranges::any_of(fades, [](const auto& fade) { return fade && fade->counts_beats(); }) ||
         std::ranges::any_of(rises, &curve::Expression::counts_beats);
}

bool Cuts::uses_sound() const {
  return counts_beats() || std::ranges::any_of(rises, &curve::Expression::uses_sound);
}

bool Cuts::reads_own_variables() const {
  return std::ranges::any_of(rises, [](const auto& rise) { return !rise.own_variables().empty(); });
}

std::string key_of_time(const Cuts& cuts, std::size_t i) {
  const std::size_t items = cuts.times.size() + cuts.rises.size() + (cuts.found ? 1 : 0);
  return items == 1 ? "temporal.cuts" : fmt::format("temporal.cuts.{}", i + (cuts.found ? 1 : 0));
}

}  // namespace dreamreel::job
