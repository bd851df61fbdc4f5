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

constexpr double kSameTime = 1e-6;  // seconds; two times closer than this differ only by rounding

constexpr double kUnknown = std::numeric_limits<double>::infinity();

double bound(const Number& number, double of_an_expression) {
  return number.constant() == nullptr ? of_an_expression : *number.constant();
}

// 0 for the whole frame in which the moment falls.
double seconds_since_beat(const TimePoint& key, const CurveTime& time) {
  static const BeatGrid kUsual;
  const double moment = (time.beats == nullptr ? kUsual : *time.beats).seconds_at(key);
  const double since = time.seconds - moment;
  const bool has_come = earliest_frame_start(moment, time.frames_per_second) <= time.seconds;
  return has_come ? std::max(0.0, since) : std::min(since, -kSameTime);
}

// How long ago a key was, in seconds; negative if the key is still to come. For a key in frames, the result
// comes from frame numbers. So it is exactly 0 on the key's own frame, and neither a varying rate nor a
// container's coarse clock can move the key.
double seconds_since(const TimePoint& key, const CurveTime& time) {
  if (key.unit == TimePoint::Unit::frames) return (time.frame - key.value) / time.frames_per_second;
  if (key.counts_beats()) return seconds_since_beat(key, time);
  return time.seconds - key.value;
}

// A container may round a frame's time stamp down. So a key in seconds is due even if the time stamp lies
// just before it.
bool is_due(const TimePoint& key, double since, const CurveTime& time) {
  const bool is_exact = key.unit != TimePoint::Unit::seconds;
  return since >= (is_exact ? 0 : -std::max(kSameTime, time.tick_seconds / 2));
}

// The keys before and after a moment.
struct Neighbours {
  const Keyframe* before = nullptr;  // the last key that is due
  const Keyframe* after = nullptr;
  double since_before = 0, since_after = 0;  // seconds
};

// If several keys have the same time, the last one in the list counts.
Neighbours around(const std::vector<Keyframe>& keys, const CurveTime& time) {
  Neighbours found;
  for (const auto& key : keys) {
    const double since = seconds_since(key.time, time);
    if (is_due(key.time, since, time)) {
      if (found.before == nullptr || since <= found.since_before + kSameTime) {
        found.before = &key;
        found.since_before = since;
      }
    } else if (found.after == nullptr || since >= found.since_after - kSameTime) {
      found.after = &key;
      found.since_after = since;
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
  const auto [before, after, since_before, since_after] = around(keys_, time);
  if (before == nullptr) return after->value.at(time);
  if (after == nullptr) return before->value.at(time);
  const double span = since_before - since_after;
  const double u = span > 0 ? std::clamp(since_before / span, 0.0, 1.0) : 0;
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

bool Curve::uses_sound() const {
  return counts_beats() || std::ranges::any_of(expressions(), &Expression::uses_sound);
}

bool Curve::counts_beats() const {
  return std::ranges::any_of(keys_, [](const Keyframe& key) { return key.time.counts_beats(); }) ||
         std::ranges::any_of(expressions(), &Expression::counts_beats);
}

bool Curve::reads_own_variables() const {
  return std::ranges::any_of(
      expressions(), [](const Expression* expression) { return !expression->own_variables().empty(); });
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
