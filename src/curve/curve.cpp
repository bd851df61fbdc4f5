#include "dreamreel/curve/curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
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

constexpr double kUnknown = std::numeric_limits<double>::infinity();

double bound(const Number& number, double of_an_expression) {
  return number.constant() == nullptr ? of_an_expression : *number.constant();
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

double Number::at(const CurveTime& time) const {
  if (const auto* const number = constant()) return *number;
  return expression()->at(time);
}

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
  if (keys_.empty()) return constant_.at(time);
  const auto [before, after, before_seconds, after_seconds] = around(keys_, time);
  if (before == nullptr) return after->value.at(time);
  if (after == nullptr) return before->value.at(time);
  const double u = (time.seconds - before_seconds) / (after_seconds - before_seconds);
  return std::lerp(before->value.at(time), after->value.at(time), eased(before->ease, u));
}

std::vector<const Expression*> Curve::expressions() const {
  std::vector<const Expression*> found;
  const auto add = [&found](const Number& number) {
    if (const auto* const expression = number.expression()) found.push_back(expression);
  };
  if (keys_.empty()) add(constant_);
  for (const auto& key : keys_) add(key.value);
  return found;
}

double Curve::min() const {
  double smallest = keys_.empty() ? bound(constant_, -kUnknown) : kUnknown;
  for (const auto& key : keys_) smallest = std::min(smallest, bound(key.value, -kUnknown));
  return smallest;
}

double Curve::max() const {
  double largest = keys_.empty() ? bound(constant_, kUnknown) : -kUnknown;
  for (const auto& key : keys_) largest = std::max(largest, bound(key.value, kUnknown));
  return largest;
}

}  // namespace dreamreel::curve
