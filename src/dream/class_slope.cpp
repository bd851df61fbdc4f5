#include "dreamreel/dream/class_slope.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

namespace dreamreel::dream {
namespace {

constexpr double kLeastSlope = 1e-15;  // tiles add up their slopes in single precision

// Below any real value. It is used if the mask is 0 everywhere, so that there is no slope.
constexpr double kLeastLogarithm = -1e30;

// The channels of the class's rivals, (N,C-1,h,w).
at::Tensor rivals_of(const at::Tensor& activation, std::int64_t channel) {
  const auto behind = activation.size(1) - channel - 1;
  return at::cat({activation.narrow(1, 0, channel), activation.narrow(1, channel + 1, behind)}, 1);
}

}  // namespace

ClassSlope class_slope(const at::Tensor& activation, std::int64_t channel, double rivals, double selectivity,
                       const at::Tensor& mask) {
  const bool has_rivals = rivals > 0 && activation.size(1) > 1;
  const at::Tensor others = has_rivals ? rivals_of(activation, channel) : at::Tensor();
  at::Tensor rating = activation.narrow(1, channel, 1);
  if (has_rivals) rating = rating - at::logsumexp(others, {1}, /*keepdim=*/true) * rivals;
  at::Tensor own = at::ones_like(rating);
  ClassSlope result{rating, {}};
  if (selectivity > 0) {
    result.value = at::log_sigmoid(rating * -selectivity) / -selectivity;
    // If the class is seen nowhere yet, all slopes are nearly 0, but the largest ones show where it may
    // begin.
    at::Tensor logarithm = at::log_sigmoid(rating * selectivity);
    if (mask.defined()) logarithm = logarithm + mask.log();
    const double largest = std::max(logarithm.max().item<double>(), kLeastLogarithm);
    own = (logarithm - largest).exp_();
    result.steepest = std::max(std::exp(largest), kLeastSlope);
  } else if (mask.defined()) {
    own = own * mask;
  }
  if (mask.defined()) result.value = result.value * mask;
  const at::Tensor against = has_rivals ? at::softmax(others, 1) * own * -rivals
                                        : at::zeros_like(activation).narrow(1, 1, activation.size(1) - 1);
  const auto behind = activation.size(1) - channel - 1;
  result.slope = at::cat({against.narrow(1, 0, channel), own, against.narrow(1, channel, behind)}, 1);
  return result;
}

}  // namespace dreamreel::dream
