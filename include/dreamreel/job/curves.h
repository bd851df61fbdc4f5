// Lists every curve of a job by the path of its key. For callers that draw curves or check the results of
// expressions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

struct NamedCurve {
  std::string path;                   ///< "dream.objectives.0.weight"
  const Curve* curve = nullptr;       ///< part of the job that was listed, and valid as long as the job
  std::string expected;               ///< "a number from 0 to 1"
  std::function<bool(double)> holds;  ///< whether the key allows a value
};

/// All curves, in the order of docs/job.md.
std::vector<NamedCurve> list_curves(const Job& job);

/// Evaluates every curve with an expression at one frame. Throws JobError (78) if a value is out of the range
/// of its key or not finite. The message names key, expression, frame and value.
void check_curves(const std::vector<NamedCurve>& curves, const curve::CurveTime& time);

/// The approximate cost of evaluating all of the curves at one frame, in characters of expressions. Throws
/// JobError with the name of the most expensive curve if the cost is more than any job can need, because each
/// frame would then take seconds.
std::int64_t cost_of(const std::vector<NamedCurve>& curves);

/// The first curve that reads the sound or counts its beats, or null.
const NamedCurve* first_that_needs_sound(const std::vector<NamedCurve>& curves);

/// The variables of the job's own that its curves and cuts read, sorted: "knob", "drums.onset".
std::vector<std::string> own_variables_read(const Job& job);

}  // namespace dreamreel::job
