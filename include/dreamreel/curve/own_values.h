// The variables that a job names itself, beside those that every expression has: its series, and the levels
// of its stems.
#pragma once

#include <string>

namespace dreamreel::curve {

struct CurveTime;

struct OwnVariable {
  std::string name;           ///< "knob" or "drums.onset"
  bool counts_beats = false;  ///< its value depends on the beats of the job's sound
  bool operator==(const OwnVariable&) const = default;
};

/// Gives the values of these variables. Immutable; any thread may read it.
class OwnValues {
 public:
  OwnValues() = default;
  OwnValues(const OwnValues&) = delete;
  OwnValues& operator=(const OwnValues&) = delete;
  virtual ~OwnValues() = default;
  /// 0 for an unknown name.
  virtual double at(const std::string& variable, const CurveTime& time) const = 0;
};

}  // namespace dreamreel::curve
