// Every curve of a job by the path of its key: for whoever draws them or checks what expressions give.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

struct NamedCurve {
  std::string path;                   ///< "dream.objectives.0.weight"
  const Curve* curve = nullptr;       ///< inside the job it was asked of, and valid as long
  std::string expected;               ///< "a number from 0 to 1"
  std::function<bool(double)> holds;  ///< whether the key takes a value
};

/// In the order of docs/job.md.
std::vector<NamedCurve> list_curves(const Job& job);

/// The value of every curve that has an expression, at one frame. Throws JobError (78) naming key,
/// expression, frame and value if one is out of the range of its key or not finite.
void check_curves(const std::vector<NamedCurve>& curves, const curve::CurveTime& time);

/// About what the values of all of them at one frame cost, in characters of expressions. Throws JobError
/// naming the most expensive one where that is more than any job can need: an answer would take seconds for
/// every frame.
std::int64_t cost_of(const std::vector<NamedCurve>& curves);

/// The first curve that reads the sound; null if none does.
const NamedCurve* first_that_needs_sound(const std::vector<NamedCurve>& curves);

}  // namespace dreamreel::job
