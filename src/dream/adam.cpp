#include "dreamreel/dream/adam.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

namespace dreamreel::dream {

at::Tensor Adam::direction(const at::Tensor& gradient) {
  constexpr double kFirst = 0.9, kSmallest = 1e-8;
  if (!first_.defined()) {
    first_ = at::zeros_like(gradient);
    second_ = at::zeros_like(gradient);
  }
  first_.mul_(kFirst).add_(gradient, 1 - kFirst);
  second_.mul_(second_beta_).addcmul_(gradient, gradient, 1 - second_beta_);
  first_left_ *= kFirst;
  second_left_ *= second_beta_;
  return first_.div(1 - first_left_).div_(second_.div(1 - second_left_).sqrt_().add_(kSmallest));
}

}  // namespace dreamreel::dream
