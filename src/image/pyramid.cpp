#include "dreamreel/image/pyramid.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "dreamreel/image/frame.h"

namespace dreamreel::image {
namespace {

Size divided(Size frame, double factor) {
  const auto scaled = [factor](std::int64_t side) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) / factor));
  };
  return {scaled(frame.height), scaled(frame.width)};
}

}  // namespace

std::vector<Size> octave_sizes(Size frame, int octaves, double scale) {
  if (frame.height <= 0 || frame.width <= 0 || octaves < 1 || !(scale > 1))
    throw std::invalid_argument("octave_sizes: expected a positive size, octaves >= 1 and scale > 1");
  std::vector<Size> sizes;
  for (int k = 0; k < octaves; ++k) sizes.push_back(divided(frame, std::pow(scale, k)));
  return sizes;
}

std::vector<Size> octave_ladder(Size frame, double coarsest, double scale) {
  if (frame.height <= 0 || frame.width <= 0 || !(coarsest > 0) || !(scale > 1))
    throw std::invalid_argument("octave_ladder: expected a positive size, coarsest > 0 and scale > 1");
  constexpr double kMostSteps = 19;
  const double ratio = static_cast<double>(std::min(frame.height, frame.width)) / coarsest;
  const double wanted = ratio > 1 ? std::round(std::log(ratio) / std::log(scale)) : 0;
  const int steps = static_cast<int>(std::min(wanted, kMostSteps));
  const double step = wanted > kMostSteps ? std::pow(ratio, 1 / kMostSteps) : scale;
  std::vector<Size> sizes{frame};
  for (int k = steps - 1; k >= 0; --k) sizes.push_back(divided(frame, ratio / std::pow(step, k)));
  return sizes;
}

at::Tensor resize(const at::Tensor& tensor, Size to) {
  expect_chw(tensor, "resize");
  if (to.height <= 0 || to.width <= 0)
    throw std::invalid_argument(
        fmt::format("resize: expected a positive size, got {}x{}", to.width, to.height));
  const at::NoGradGuard no_grad;
  // Catmull-Rom in both directions (at::upsample_bicubic2d has a = -3/4); see Note [Why a = -1/2 and not
  // PyTorch's -3/4].
  return at::_upsample_bicubic2d_aa(tensor.unsqueeze(0), {to.height, to.width}, /*align_corners=*/false)
      .squeeze(0);
}

}  // namespace dreamreel::image
