// How a class rises above its rivals: what an objective of kind logit climbs, for several pictures at once.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::dream {

/// What Kind::logit climbs.
struct ClassSlope {
  at::Tensor value;  ///< at each position, (N,1,h,w)
  at::Tensor
      slope;  ///< the derivative of the values' sum to the activation, (N,C,h,w), divided by `steepest`
  double steepest = 1;  ///< the largest derivative to the class's own channel, but at least 1e-15
};

/// `activation`: (N,C,h,w) float32 or float64, a class map before the softmax; 0 <= channel < C. `rivals` and
/// `selectivity` as in Objective; Kind::logit gives the formula. `mask`: what each position counts, in [0,1],
/// of a shape that broadcasts to (N,1,h,w); undefined: 1. Values and slopes are multiplied by it, so that the
/// steepest slope is the steepest one that counts: half precision would lose slopes that are small beside a
/// steeper one elsewhere.
ClassSlope class_slope(const at::Tensor& activation, std::int64_t channel, double rivals, double selectivity,
                       const at::Tensor& mask = {});

}  // namespace dreamreel::dream
