#include "dreamreel/settings/named_curves.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/core/error.h"
#include "dreamreel/settings/types.h"

namespace dreamreel::settings {
namespace {

std::string texts_of(const Curve& curve) {
  std::string text;
  for (const auto* const expression : curve.expressions())
    text += (text.empty() ? "'" : ", '") + expression->text() + "'";
  return text;
}

std::string where(const curve::CurveTime& time) {
  return fmt::format("frame {} ({} s)", std::llround(time.frame),
                     to_text(std::round(time.seconds * 1000) / 1000));
}

}  // namespace

void check_curves(const std::vector<NamedCurve>& curves, const curve::CurveTime& time) {
  for (const auto& [path, curve, expected, holds] : curves) {
    if (curve->expressions().empty()) continue;
    const double value = curve->at(time);
    if (std::isfinite(value) && holds(value)) continue;
    throw JobError(
        fmt::format("{}: expected {}, but {} gives {} at {}; keep it in range with clip(..., min, max)", path,
                    expected, texts_of(*curve), to_text(value), where(time)));
  }
}

std::int64_t cost_of(const std::vector<NamedCurve>& curves) {
  constexpr std::int64_t kMost = 50'000'000;
  std::int64_t all = 0, largest = 0;
  const NamedCurve* worst = nullptr;
  for (const auto& named : curves) {
    std::int64_t cost = 1 + std::ssize(named.curve->keys());
    for (const auto* const expression : named.curve->expressions()) cost += expression->cost();
    if (cost > largest) worst = &named;
    largest = std::max(largest, cost);
    all += cost;
  }
  if (all > kMost)
    throw JobError(
        fmt::format("{}: expected expressions of at most {} characters in all curves together, where one "
                    "with root() or taylor() counts a thousand times, got {}; this curve is the longest",
                    worst->path, kMost, all));
  return all;
}

const NamedCurve* first_that_needs_sound(const std::vector<NamedCurve>& curves) {
  const auto needs = [](const NamedCurve& named) { return named.curve->uses_sound(); };
  const auto found = std::ranges::find_if(curves, needs);
  return found == curves.end() ? nullptr : &*found;
}

}  // namespace dreamreel::settings
