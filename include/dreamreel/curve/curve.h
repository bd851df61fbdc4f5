// A number over time: a constant, an expression, or keyframes with easing, whose values are constants or
// expressions. A curve is immutable and may be read from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dreamreel/core/time.h"
#include "dreamreel/curve/curve_time.h"
#include "dreamreel/curve/expression.h"

namespace dreamreel::curve {

/// The shape of the stretch from one keyframe to the next. With u from 0 at this key to 1 at the next:
///   linear u; hold 0; in u^3; out 1-(1-u)^3; smooth u^2(3-2u) (smoothstep);
///   in_out 4u^3 in the first half and 1-4(1-u)^3 in the second.
enum class Ease { linear, hold, in, out, in_out, smooth };

/// The name in a job file, and back (nullopt for an unknown name).
std::string_view name_of(Ease ease);
std::optional<Ease> parse_ease(std::string_view text);
const std::vector<std::string>& ease_names();

/// A constant or an expression.
class Number {
 public:
  Number(double constant) : value_(constant) {}  // NOLINT(google-explicit-constructor): it is one
  Number(Expression expression) : value_(std::move(expression)) {}  // NOLINT(google-explicit-constructor)

  double at(const CurveTime& time) const;
  const double* constant() const { return std::get_if<double>(&value_); }  ///< null for an expression
  const Expression* expression() const { return std::get_if<Expression>(&value_); }  ///< null for a constant
  bool operator==(const Number&) const = default;

 private:
  std::variant<double, Expression> value_;
};

struct Keyframe {
  TimePoint time;
  Number value = 0.0;
  Ease ease = Ease::linear;  ///< shape of the stretch from this key to the next
  bool operator==(const Keyframe&) const = default;
};

class Curve {
 public:
  Curve() = default;                               ///< the constant 0
  Curve(double constant) : constant_(constant) {}  // NOLINT(google-explicit-constructor): a number is a curve
  /// The first key's value also holds before it, and the last key's value after it. A key in frames holds
  /// from its frame on, and does not depend on the frame's time. A key in seconds holds from the first frame
  /// at or after it; a time stamp that was rounded to just before the key counts as equal. A key in beats or
  /// bars holds from the frame on in which its moment falls (core/beat_grid.h); if the time has no BeatGrid,
  /// 120 beats a minute and bars of four count. The keys may have any order. If two keys have the same time,
  /// the later one in the list counts. Throws std::invalid_argument if there are no keys.
  explicit Curve(std::vector<Keyframe> keys);

  explicit Curve(Expression expression) : constant_(std::move(expression)) {}

  double at(const CurveTime& time) const;
  /// The curve with the same times and eases, and change.of(number) in place of every number.
  template <typename Change>
  Curve with_each(const Change& change) const {
    Curve changed = *this;
    changed.constant_ = change.of(constant_);
    for (auto& key : changed.keys_) key.value = change.of(key.value);
    return changed;
  }
  bool is_constant() const { return keys_.empty() && constant_.constant() != nullptr; }
  const std::vector<Keyframe>& keys() const {
    return keys_;
  }  ///< in the order given; empty without keyframes
  /// The curve's expressions, in the order written; valid as long as the curve.
  std::vector<const Expression*> expressions() const;
  /// Whether an expression reads the sound, or a key counts its beats.
  bool uses_sound() const;
  /// Whether an expression or a key counts beats, which needs a sound with a rhythm.
  bool counts_beats() const;
  /// Whether an expression reads a variable that the job names itself.
  bool reads_own_variables() const;
  /// Smallest and largest value over all times and frame rates (every ease stays between its two keys). Minus
  /// and plus infinity if the curve has an expression, because its values are known only at a frame.
  double min() const;
  double max() const;
  bool operator==(const Curve&) const = default;

 private:
  Number constant_ = 0.0;  ///< used if there are no keys
  std::vector<Keyframe> keys_;
};

}  // namespace dreamreel::curve
