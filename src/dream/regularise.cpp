#include "regularise.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/kthvalue.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/image/frame.h"

namespace dreamreel::dream {
namespace {

constexpr double kSoft = 1.0 / 255;

// x[i+1] - x[i] along `dim`, and 0 at the end.
at::Tensor difference(const at::Tensor& picture, std::int64_t dim) {
  at::Tensor result = at::zeros_like(picture);
  const auto last = picture.size(dim) - 1;
  result.narrow(dim, 0, last).copy_(picture.narrow(dim, 1, last)).sub_(picture.narrow(dim, 0, last));
  return result;
}

// Adds the transpose of difference() to `sum`. `flow` has to be 0 at its end.
void add_divergence(at::Tensor& sum, const at::Tensor& flow, std::int64_t dim) {
  const auto last = flow.size(dim) - 1;
  sum.narrow(dim, 1, last).add_(flow.narrow(dim, 0, last));
  sum.sub_(flow);
}

double blur_at(const Regularisers& regularise, int iteration, int iterations) {
  if ((iteration + 1) % std::max(1, regularise.blur_every) != 0) return 0;
  const double along = iterations > 1 ? static_cast<double>(iteration) / (iterations - 1) : 0;
  return regularise.blur + (regularise.blur_end - regularise.blur) * along;
}

// True where the norm over the channels is among the larger ones, (1,H,W).
at::Tensor large_enough(const at::Tensor& added, double share) {
  const at::Tensor norm = added.square().sum(0, true);
  const auto count = norm.numel();
  const auto dropped = static_cast<std::int64_t>(std::floor(share * static_cast<double>(count)));
  if (dropped == 0) return norm >= 0;
  const auto largest_dropped = std::get<0>(at::kthvalue(norm.flatten(), dropped)).item<double>();
  return norm > largest_dropped;
}

}  // namespace

Penalty total_variation(const at::Tensor& picture, int beta) {
  at::Tensor across = difference(picture, 2), down = difference(picture, 1);
  const at::Tensor squares = across.square().add_(down.square());
  Penalty penalty;
  penalty.gradient = at::zeros_like(picture);
  if (beta == 2) {
    penalty.value = squares.sum().item<double>();
    across.mul_(2);
    down.mul_(2);
  } else {
    const at::Tensor norm = (squares + kSoft * kSoft).sqrt_();
    penalty.value = (norm - kSoft).sum().item<double>();
    across.div_(norm);
    down.div_(norm);
  }
  add_divergence(penalty.gradient, across, 2);
  add_divergence(penalty.gradient, down, 1);
  return penalty;
}

Penalty distance_from_grey(const at::Tensor& picture) {
  const at::Tensor distance = picture - 0.5;
  return {0.5 * distance.square().sum().item<double>(), distance};
}

bool has_penalties(const Regularisers& regularise) {
  return regularise.total_variation != 0 || regularise.grey != 0;
}

void hold_back(at::Tensor& direction, const at::Tensor& picture, const Regularisers& regularise) {
  if (regularise.total_variation != 0)
    direction.sub_(total_variation(picture, regularise.beta).gradient, regularise.total_variation);
  if (regularise.grey != 0) direction.sub_(distance_from_grey(picture).gradient, regularise.grey);
}

bool tidy(at::Tensor& picture, const at::Tensor& base, const Regularisers& regularise, int iteration,
          int iterations) {
  const double sigma = blur_at(regularise, iteration, iterations);
  if (sigma <= 0 && regularise.clip <= 0) return false;
  const at::Tensor ground = regularise.keep_start ? base : at::full_like(base, 0.5);
  at::Tensor added = picture - ground;
  if (sigma > 0) added = image::gaussian_blur(added, sigma);
  if (regularise.clip > 0) added.mul_(large_enough(added, regularise.clip));
  picture.copy_(ground).add_(added).clamp_(0, 1);
  return true;
}

}  // namespace dreamreel::dream
