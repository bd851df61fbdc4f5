#include "dreamreel/carry/between.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/ones_like.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dreamreel/image/frame.h"

namespace dreamreel::carry {
namespace {

// Weight of a place without trust, so that time decides between two such places.
constexpr double kLeastWeight = 1e-4;
constexpr double kSoftenInsidePx = 1;  // deviation of the blur at the edge of the inside area
constexpr double kSharpenPx = 0.7;     // deviation of the unsharp mask's blur
constexpr double kMostSharpening = 1;

image::Size size_of(const at::Tensor& picture) {
  return {picture.size(1), picture.size(2)};
}

at::Tensor inside(const at::Tensor& positions) {
  const auto within = [](const at::Tensor& position, std::int64_t length) {
    return position.ge(-0.5).logical_and_(position.le(static_cast<double>(length) - 0.5));
  };
  const at::Tensor both =
      within(positions[0], positions.size(2)).logical_and_(within(positions[1], positions.size(1)));
  return image::gaussian_blur(both.to(at::kFloat).unsqueeze(0), kSoftenInsidePx).clamp(0, 1);
}

// flow::reliability() is 0 where the flow leads outside, but it does not know the camera. So the camera's map
// is checked here.
at::Tensor reliability_inside(const at::Tensor& reliability, const at::Tensor& positions, bool has_camera) {
  if (!positions.defined()) return reliability;
  if (!reliability.defined()) return inside(positions);
  return has_camera ? reliability * inside(positions) : reliability;
}

at::Tensor moved(const at::Tensor& picture, const Neighbour& neighbour, const footage::Outside& outside,
                 const RandomKey& key) {
  return neighbour.positions.defined()
             ? image::resample(picture, neighbour.positions, outside.border, key, outside.noise_size)
             : picture;
}

// The dream moved here, or the dream's addition to its source moved here. Outside the frame nothing was
// added, so no noise comes in there.
at::Tensor contribution(const Neighbour& neighbour, const footage::Outside& outside, const RandomKey& key) {
  if (!neighbour.source.defined()) return moved(neighbour.dreamed, neighbour, outside, key);
  const footage::Outside no_noise{outside.is_noise() ? image::Border::edge : outside.border, {}};
  return moved(neighbour.dreamed - neighbour.source, neighbour, no_noise, key);
}

// The Laplacian of four neighbours, without the frame's edge: (3,H-2,W-2).
at::Tensor laplacian(const at::Tensor& picture) {
  const auto moved_by = [&](std::int64_t down, std::int64_t right) {
    return picture.narrow(1, 1 + down, picture.size(1) - 2).narrow(2, 1 + right, picture.size(2) - 2);
  };
  return moved_by(-1, 0) + moved_by(1, 0) + moved_by(0, -1) + moved_by(0, 1) - moved_by(0, 0) * 4;
}

double mean_product(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).mean().item<double>();
}

double laplacian_power(const at::Tensor& picture) {
  const at::Tensor fine = laplacian(picture);
  return mean_product(fine, fine);
}

}  // namespace

image::CameraStep part_of(const image::CameraStep& step, double share) {
  image::CameraStep part = step;
  part.zoom = std::pow(step.zoom, share);
  part.rotate_degrees = step.rotate_degrees * share;
  part.pan_x = step.pan_x * share;
  part.pan_y = step.pan_y * share;
  return part;
}

image::CameraStep inverse(const image::CameraStep& step, const image::Size& size) {
  const double angle = step.rotate_degrees * std::numbers::pi / 180;
  const auto width = static_cast<double>(size.width), height = static_cast<double>(size.height);
  const double pan_x = step.pan_x * width, pan_y = step.pan_y * height;  // px
  image::CameraStep back = step;
  back.zoom = 1 / step.zoom;
  back.rotate_degrees = -step.rotate_degrees;
  back.pan_x = -step.zoom * (pan_x * std::cos(angle) + pan_y * std::sin(angle)) / width;
  back.pan_y = -step.zoom * (pan_y * std::cos(angle) - pan_x * std::sin(angle)) / height;
  return back;
}

Neighbour neighbour_behind(const at::Tensor& dreamed, const at::Tensor& source,
                           const image::CameraStep& camera, const Motion& motion, double share) {
  Neighbour side{dreamed, source, {}, {}, share};
  if (!camera.is_identity() || motion.prev_from_cur)
    side.positions = image::positions(size_of(dreamed), camera, motion.prev_from_cur, dreamed.device());
  if (motion.reliability) side.reliability = motion.reliability->to(dreamed.device());
  side.reliability = reliability_inside(side.reliability, side.positions, !camera.is_identity());
  return side;
}

Neighbour neighbour_ahead(const at::Tensor& dreamed, const at::Tensor& source,
                          const image::CameraStep& camera, const Motion& motion, double share) {
  const image::Size size = size_of(dreamed);
  if (camera.is_identity()) return neighbour_behind(dreamed, source, camera, motion, share);
  Neighbour side{dreamed, source, {}, {}, share};
  const at::Tensor by_camera = image::positions(size, inverse(camera, size), {}, dreamed.device());
  const auto there = [&](const at::Tensor& map) {
    return image::resample(map.to(dreamed.device()), by_camera, image::Border::edge);
  };
  side.positions = motion.prev_from_cur ? by_camera + there(*motion.prev_from_cur) : by_camera;
  if (motion.reliability) side.reliability = there(*motion.reliability).clamp(0, 1);
  side.reliability = reliability_inside(side.reliability, side.positions, true);
  return side;
}

at::Tensor filled(const at::Tensor& source, const Neighbour& before, const Neighbour& after,
                  const footage::Outside& outside, const RandomKey& key) {
  const auto trust = [](const Neighbour& side) {
    return side.reliability.defined() ? side.reliability : at::ones_like(side.dreamed.narrow(0, 0, 1));
  };
  const at::Tensor trust_before = trust(before), trust_after = trust(after);
  const at::Tensor weight_before = (trust_before + kLeastWeight) * before.share;
  const at::Tensor weight_after = (trust_after + kLeastWeight) * after.share;
  const at::Tensor mean = (contribution(before, outside, key) * weight_before +
                           contribution(after, outside, key) * weight_after) /
                          (weight_before + weight_after);
  if (!source.defined()) return mean.clamp(0, 1);
  return (source + mean * at::maximum(trust_before, trust_after)).clamp(0, 1);
}

// The Laplacian is linear, so its power after adding `amount` of the detail is a quadratic in `amount`. This
// solves the quadratic.
at::Tensor sharpened_between(const at::Tensor& picture, const Neighbour& before, const Neighbour& after) {
  const at::Tensor detail = picture - image::gaussian_blur(picture, kSharpenPx);
  const at::Tensor fine = laplacian(picture), fine_detail = laplacian(detail);
  const double wanted =
      before.share * laplacian_power(before.dreamed) + after.share * laplacian_power(after.dreamed);
  const double missing = wanted - mean_product(fine, fine);
  const double square = mean_product(fine_detail, fine_detail), half_linear = mean_product(fine, fine_detail);
  if (missing <= 0 || square <= 0) return picture;
  const double amount = (std::sqrt(half_linear * half_linear + square * missing) - half_linear) / square;
  return (picture + detail * std::min(amount, kMostSharpening)).clamp(0, 1);
}

}  // namespace dreamreel::carry
