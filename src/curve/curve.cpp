#include "dreamreel/curve/curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace dreamreel::curve {
namespace {

struct EaseName {
  Ease ease;
  std::string_view name;
};
constexpr std::array<EaseName, 6> kEases{{{Ease::linear, "linear"},
                                          {Ease::hold, "hold"},
                                          {Ease::in, "in"},
                                          {Ease::out, "out"},
                                          {Ease::in_out, "in_out"},
                                          {Ease::smooth, "smooth"}}};

double cubed(double x) {
  return x * x * x;
}

double eased(Ease ease, double u) {
  switch (ease) {
    case Ease::linear:
      return u;
    case Ease::hold:
      return 0;
    case Ease::in:
      return cubed(u);
    case Ease::out:
      return 1 - cubed(1 - u);
    case Ease::in_out:
      return u < 0.5 ? 4 * cubed(u) : 1 - 4 * cubed(1 - u);
    case Ease::smooth:
      return u * u * (3 - 2 * u);
  }
  return u;
}

// The keys around a moment. `<=` and `>=` make the later of two keys on one time win.
struct Neighbours {
  const Keyframe* before = nullptr;  // at the moment or earlier
  const Keyframe* after = nullptr;
  double before_seconds = 0, after_seconds = 0;
};

Neighbours around(const std::vector<Keyframe>& keys, const CurveTime& time) {
  Neighbours found;
  for (const auto& key : keys) {
    const double seconds = key.time.seconds(time.frames_per_second);
    if (seconds <= time.seconds) {
      if (found.before == nullptr || seconds >= found.before_seconds) {
        found.before = &key;
        found.before_seconds = seconds;
      }
    } else if (found.after == nullptr || seconds <= found.after_seconds) {
      found.after = &key;
      found.after_seconds = seconds;
    }
  }
  return found;
}

}  // namespace

std::string_view name_of(Ease ease) {
  return std::ranges::find(kEases, ease, &EaseName::ease)->name;
}

std::optional<Ease> parse_ease(std::string_view text) {
  const auto* const found = std::ranges::find(kEases, text, &EaseName::name);
  if (found == kEases.end()) return {};
  return found->ease;
}

const std::vector<std::string>& ease_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& [ease, name] : kEases) list.emplace_back(name);
    return list;
  }();
  return names;
}

Curve::Curve(std::vector<Keyframe> keys) : keys_(std::move(keys)) {
  if (keys_.empty()) throw std::invalid_argument("a curve of keyframes needs at least one");
}

double Curve::at(const CurveTime& time) const {
  if (keys_.empty()) return constant_;
  const auto [before, after, before_seconds, after_seconds] = around(keys_, time);
  if (before == nullptr) return after->value;
  if (after == nullptr) return before->value;
  const double u = (time.seconds - before_seconds) / (after_seconds - before_seconds);
  return std::lerp(before->value, after->value, eased(before->ease, u));
}

double Curve::min() const {
  return keys_.empty() ? constant_ : std::ranges::min_element(keys_, {}, &Keyframe::value)->value;
}

double Curve::max() const {
  return keys_.empty() ? constant_ : std::ranges::max_element(keys_, {}, &Keyframe::value)->value;
}

}  // namespace dreamreel::curve
