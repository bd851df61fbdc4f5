// The optimiser Adam. (Kingma, Ba: "Adam: A Method for Stochastic Optimization", ICLR 2015.)
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::dream {

/// Adam's direction, m / (sqrt(v) + 1e-8), whose values have a size of about 1. m and v are the means of the
/// gradient and of its square, corrected for their start at 0. All gradients must have one shape.
class Adam {
 public:
  /// `second` is how much of v stays in a step; m keeps 0.9.
  explicit Adam(double second = 0.999) : second_beta_(second) {}
  at::Tensor direction(const at::Tensor& gradient);

 private:
  double second_beta_;
  at::Tensor first_, second_;
  double first_left_ = 1, second_left_ = 1;  // beta^t
};

}  // namespace dreamreel::dream
