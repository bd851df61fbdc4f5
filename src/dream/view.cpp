#include "dreamreel/dream/view.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/affine_grid_generator.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/grid_sampler_2d_backward.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dreamreel::dream {
namespace {

constexpr std::int64_t kBilinear = 0, kReflection = 2;  // ATen's numbers for these modes

// Uniform in [-1, 1].
double either_way(const RandomKey& key, Purpose purpose) {
  return 2 * (static_cast<double>(random_u32(key, purpose)) / 4294967295.0) - 1;
}

double fraction(double value) {
  return value - std::floor(value);
}

// The positions, (length) int64, that a shift by `offset` shows along an axis. Beyond a border they run back
// from the border. If the shift is longer than the axis, only mirror images are seen.
at::Tensor mirrored_positions(std::int64_t length, std::int64_t offset, const at::Device& device) {
  const at::Tensor position = at::arange(length, at::TensorOptions(at::kLong).device(device)) - offset;
  const at::Tensor wrapped = at::remainder(position, 2 * length);
  return at::where(wrapped < length, wrapped, 2 * length - 1 - wrapped);
}

}  // namespace

void View::draw(const Transforms& transforms, const RandomKey& key) {
  if (transforms.scale > 0) scale_ = std::pow(1 + transforms.scale, either_way(key, Purpose::view_scale));
  degrees_ = transforms.rotate * either_way(key, Purpose::view_angle);
}

View View::random(const AscentOptions& options, const RandomKey& key, std::int64_t grid, ViewBorder border) {
  View view;
  view.border_ = border;
  view.y_ = random_int(key, Purpose::jitter_y, -options.jitter, options.jitter) / grid * grid;
  view.x_ = random_int(key, Purpose::jitter_x, -options.jitter, options.jitter) / grid * grid;
  view.draw(options.transforms, key);
  return view;
}

View View::of_torus(const Transforms& transforms, const RandomKey& key, std::int64_t side) {
  View view;
  view.shifts_first_ = true;
  view.y_ = random_int(key, Purpose::jitter_y, 0, side - 1);
  view.x_ = random_int(key, Purpose::jitter_x, 0, side - 1);
  view.draw(transforms, key);
  return view;
}

// For each pixel seen, its position in the picture, from -1 to 1: p = R^-1 q / scale about the middle, in
// pixels. (N,H,W,2) for pictures (N,C,H,W).
at::Tensor View::sampling_grid(const at::Tensor& pictures) const {
  const auto height = pictures.size(2), width = pictures.size(3);
  const double angle = degrees_ * std::numbers::pi / 180;
  const double aspect = static_cast<double>(height) / static_cast<double>(width);
  const double c = std::cos(angle) / scale_, s = std::sin(angle) / scale_;
  const at::Tensor theta = at::tensor({c, -s * aspect, 0.0, s / aspect, c, 0.0}, at::kDouble);
  return at::affine_grid_generator(theta.view({1, 2, 3}).to(pictures.options()), {1, 1, height, width},
                                   /*align_corners=*/false)
      .expand({pictures.size(0), height, width, 2});
}

at::Tensor View::turned(const at::Tensor& picture) const {
  if (only_shifts()) return picture;
  const at::Tensor pictures = picture.dim() == 3 ? picture.unsqueeze(0) : picture;
  return at::grid_sampler_2d(pictures, sampling_grid(pictures), kBilinear, kReflection, false)
      .view_as(picture);
}

at::Tensor View::turned_back(const at::Tensor& gradient) const {
  if (only_shifts()) return gradient;
  const at::Tensor flat = (gradient.dim() == 3 ? gradient.unsqueeze(0) : gradient).contiguous();
  const auto both = at::grid_sampler_2d_backward(flat, at::zeros_like(flat), sampling_grid(flat), kBilinear,
                                                 kReflection, false, {true, false});
  return std::get<0>(both).view_as(gradient);
}

at::Tensor View::shifted(const at::Tensor& picture) const {
  if (border_ == ViewBorder::rolled) return at::roll(picture, {y_, x_}, {-2, -1});
  const auto rows = mirrored_positions(picture.size(1), y_, picture.device());
  const auto columns = mirrored_positions(picture.size(2), x_, picture.device());
  return picture.index_select(1, rows).index_select(2, columns);
}

at::Tensor View::shifted_back(const at::Tensor& gradient) const {
  if (border_ == ViewBorder::rolled) return at::roll(gradient, {-y_, -x_}, {-2, -1});
  const auto rows = mirrored_positions(gradient.size(1), y_, gradient.device());
  const auto columns = mirrored_positions(gradient.size(2), x_, gradient.device());
  return at::zeros_like(gradient).index_add(1, rows,
                                            at::zeros_like(gradient).index_add(2, columns, gradient));
}

at::Tensor View::apply(const at::Tensor& picture) const {
  return shifts_first_ ? turned(shifted(picture)) : shifted(turned(picture));
}

at::Tensor View::pull_back(const at::Tensor& gradient) const {
  return shifts_first_ ? shifted_back(turned_back(gradient)) : turned_back(shifted_back(gradient));
}

std::array<double, 2> View::where(double x, double y, std::int64_t height, std::int64_t width) const {
  const double angle = degrees_ * std::numbers::pi / 180;
  const auto h = static_cast<double>(height), w = static_cast<double>(width);
  const double from_x = (x - 0.5) * w * scale_, from_y = (y - 0.5) * h * scale_;
  const double c = std::cos(angle), s = std::sin(angle);
  const double seen_x = (c * from_x + s * from_y) / w + 0.5;
  const double seen_y = (-s * from_x + c * from_y) / h + 0.5;
  const double shifted_x = seen_x + static_cast<double>(x_) / w,
               shifted_y = seen_y + static_cast<double>(y_) / h;
  if (border_ == ViewBorder::rolled) return {fraction(shifted_x), fraction(shifted_y)};
  // A point that is shifted out is seen at the border.
  return {std::clamp(shifted_x, 0.0, 1.0), std::clamp(shifted_y, 0.0, 1.0)};
}

}  // namespace dreamreel::dream
