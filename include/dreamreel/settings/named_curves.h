// Curves with the paths of their keys. For callers that draw curves or check the results of expressions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dreamreel/curve/curve.h"

namespace dreamreel::settings {

using curve::Curve;

struct NamedCurve {
  std::string path;                   ///< "dream.objectives.0.weight"
  const Curve* curve = nullptr;       ///< part of the struct that was listed, and valid as long as that
  std::string expected;               ///< "a number from 0 to 1"
  std::function<bool(double)> holds;  ///< whether the key allows a value
};

/// Evaluates every curve with an expression at one frame. Throws JobError (78) if a value is out of the range
/// of its key or not finite. The message names key, expression, frame and value.
void check_curves(const std::vector<NamedCurve>& curves, const curve::CurveTime& time);

/// The approximate cost of evaluating all of the curves at one frame, in characters of expressions. Throws
/// JobError with the name of the most expensive curve if the cost is more than any job can need, because each
/// frame would then take seconds.
std::int64_t cost_of(const std::vector<NamedCurve>& curves);

/// The first curve that reads the sound or counts its beats, or null.
const NamedCurve* first_that_needs_sound(const std::vector<NamedCurve>& curves);

}  // namespace dreamreel::settings
