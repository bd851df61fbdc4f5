// A number over time: a constant or keyframes with easing (expressions come with the sound analysis: a third
// form beside the two constructors below). A curve is immutable and may be read from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/core/time.h"

namespace dreamreel::curve {

/// Where on the time line a curve is read.
struct CurveTime {
  double seconds = 0;             ///< from the start of the (trimmed) job
  double frames_per_second = 24;  ///< turns keyframes given in frames into seconds
};

/// How a keyframe leads to the next one. u runs from 0 at this key to 1 at the next:
/// linear u; hold 0; in u^3; out 1-(1-u)^3; in_out 4u^3 / 1-4(1-u)^3 (halves); smooth u^2(3-2u) (smoothstep).
enum class Ease { linear, hold, in, out, in_out, smooth };

/// The name as written in a job file, and back (nullopt for an unknown one).
std::string_view name_of(Ease ease);
std::optional<Ease> parse_ease(std::string_view text);
const std::vector<std::string>& ease_names();

struct Keyframe {
  TimePoint time;
  double value = 0;
  Ease ease = Ease::linear;  ///< of the stretch from this key to the next
  bool operator==(const Keyframe&) const = default;
};

class Curve {
 public:
  Curve() = default;                               ///< the constant 0
  Curve(double constant) : constant_(constant) {}  // NOLINT(google-explicit-constructor): a number is a curve
  /// Before the first key its value holds, after the last one its value holds. Keys in any order; at least
  /// one. Throws std::invalid_argument if there is none. Two keys that fall on one time: the later in the
  /// list wins.
  explicit Curve(std::vector<Keyframe> keys);

  double at(const CurveTime& time) const;
  bool is_constant() const { return keys_.empty(); }
  const std::vector<Keyframe>& keys() const { return keys_; }  ///< in the order given; empty for a constant
  /// Smallest and largest value over all times and frame rates (every ease stays between its two keys).
  double min() const;
  double max() const;
  bool operator==(const Curve&) const = default;

 private:
  double constant_ = 0;
  std::vector<Keyframe> keys_;
};

}  // namespace dreamreel::curve
