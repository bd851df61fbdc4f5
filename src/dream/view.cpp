#include "view.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/affine_grid_generator.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/grid_sampler_2d_backward.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <numbers>

namespace dreamreel::dream {
namespace {

constexpr std::int64_t kBilinear = 0, kReflection = 2;  // the numbers that ATen gives them

// Uniform in [-1, 1].
double either_way(const RandomKey& key, Purpose purpose) {
  return 2 * (static_cast<double>(random_u32(key, purpose)) / 4294967295.0) - 1;
}

double fraction(double value) {
  return value - std::floor(value);
}

}  // namespace

View View::random(const AscentOptions& options, const RandomKey& key, std::int64_t grid) {
  View view;
  view.y_ = random_int(key, Purpose::jitter_y, -options.jitter, options.jitter) / grid * grid;
  view.x_ = random_int(key, Purpose::jitter_x, -options.jitter, options.jitter) / grid * grid;
  if (options.transforms.scale > 0)
    view.scale_ = std::pow(1 + options.transforms.scale, either_way(key, Purpose::view_scale));
  view.degrees_ = options.transforms.rotate * either_way(key, Purpose::view_angle);
  return view;
}

// Positions in the picture, from -1 to 1, of what is seen at each pixel: p = R^-1 q / scale about the middle, in
// pixels.
at::Tensor View::sampling_grid(std::int64_t height, std::int64_t width,
                               const at::TensorOptions& options) const {
  const double angle = degrees_ * std::numbers::pi / 180;
  const double aspect = static_cast<double>(height) / static_cast<double>(width);
  const double c = std::cos(angle) / scale_, s = std::sin(angle) / scale_;
  const at::Tensor theta = at::tensor({c, -s * aspect, 0.0, s / aspect, c, 0.0}, at::kDouble);
  return at::affine_grid_generator(theta.view({1, 2, 3}).to(options), {1, 1, height, width},
                                   /*align_corners=*/false);
}

at::Tensor View::apply(const at::Tensor& picture) const {
  at::Tensor seen = picture;
  if (!only_rolls()) {
    const auto grid = sampling_grid(picture.size(1), picture.size(2), picture.options());
    seen = at::grid_sampler_2d(picture.unsqueeze(0), grid, kBilinear, kReflection, false).squeeze(0);
  }
  return at::roll(seen, {y_, x_}, {-2, -1});
}

at::Tensor View::pull_back(const at::Tensor& gradient) const {
  at::Tensor flat = at::roll(gradient, {-y_, -x_}, {-2, -1});
  if (only_rolls()) return flat;
  const auto grid = sampling_grid(flat.size(1), flat.size(2), flat.options());
  flat = flat.unsqueeze(0).contiguous();
  return std::get<0>(at::grid_sampler_2d_backward(flat, at::zeros_like(flat), grid, kBilinear, kReflection,
                                                  false, {true, false}))
      .squeeze(0);
}

std::array<double, 2> View::where(double x, double y, std::int64_t height, std::int64_t width) const {
  const double angle = degrees_ * std::numbers::pi / 180;
  const auto h = static_cast<double>(height), w = static_cast<double>(width);
  const double from_x = (x - 0.5) * w * scale_, from_y = (y - 0.5) * h * scale_;
  const double c = std::cos(angle), s = std::sin(angle);
  const double seen_x = (c * from_x + s * from_y) / w + 0.5;
  const double seen_y = (-s * from_x + c * from_y) / h + 0.5;
  return {fraction(seen_x + static_cast<double>(x_) / w), fraction(seen_y + static_cast<double>(y_) / h)};
}

}  // namespace dreamreel::dream
