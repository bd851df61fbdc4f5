// The value and slope of an objective of kind logit: how a class rises above its rivals. Works on several
// pictures at once.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::dream {

/// The value that Kind::logit climbs, and its derivative.
struct ClassSlope {
  at::Tensor value;  ///< at each position, (N,1,h,w)
  /// The derivative of the values' sum with respect to the activation, divided by `steepest`: (N,C,h,w).
  at::Tensor slope;
  double steepest = 1;  ///< the largest derivative to the class's own channel, at least 1e-15
};

/// `activation`: a class map before the softmax, (N,C,h,w) float32 or float64. 0 <= channel < C. `rivals` and
/// `selectivity` are as in Objective; Kind::logit has the formula.
///
/// `mask`: the weight of each position, in [0,1], with a shape that broadcasts to (N,1,h,w). Undefined: 1
/// everywhere. Values and slopes are multiplied by it, so `steepest` is the steepest slope that counts.
/// Otherwise a steeper slope elsewhere could make all that count too small for half precision.
ClassSlope class_slope(const at::Tensor& activation, std::int64_t channel, double rivals, double selectivity,
                       const at::Tensor& mask = {});

}  // namespace dreamreel::dream
