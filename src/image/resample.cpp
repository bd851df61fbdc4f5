#include "dreamreel/image/resample.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "bicubic.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/scaled_noise.h"

// Positions are folded into the frame, and the frame gets a ring of kRing border pixels, which the kernel may
// touch. So mirror, wrap and edge share one code path, at any distance from the frame.

namespace dreamreel::image {
namespace {

// The bicubic kernel reaches 2 pixels past a position. Border::edge keeps positions up to 2 pixels outside
// the frame, because beyond that the kernel sees only the repeated edge.
constexpr std::int64_t kRing = 4;
constexpr double kEdgeReach = 2;

// Folds `position`, along a side of `length` pixels, into the frame (for edge: up to kEdgeReach outside it).
at::Tensor fold(const at::Tensor& position, std::int64_t length, Border border) {
  const auto side = static_cast<double>(length);
  switch (border) {
    case Border::mirror: {
      const at::Tensor from_edge = at::remainder(position + 0.5, 2 * side);
      return at::minimum(from_edge, 2 * side - from_edge) - 0.5;
    }
    case Border::wrap:
      return at::remainder(position, side);
    case Border::edge:
    case Border::noise:
    case Border::scaled_noise:  // pixels outside are replaced afterwards
      break;
  }
  return at::clamp(position, -kEdgeReach, side - 1 + kEdgeReach);
}

// The pixel that the border rule puts at the whole position `index`, along a side of `length` pixels.
std::int64_t folded_index(std::int64_t index, std::int64_t length, Border border) {
  const auto modulo = [](std::int64_t value, std::int64_t period) {
    return ((value % period) + period) % period;
  };
  switch (border) {
    case Border::mirror: {
      const std::int64_t at = modulo(index, 2 * length);
      return std::min(at, 2 * length - 1 - at);
    }
    case Border::wrap:
      return modulo(index, length);
    case Border::edge:
    case Border::noise:
    case Border::scaled_noise:
      break;
  }
  return std::clamp<std::int64_t>(index, 0, length - 1);
}

// Fills the kRing slices of `padded` before and after the frame along `dim`. They are copied from the frame's
// own slices, which must be in place already.
void fill_ring(at::Tensor& padded, std::int64_t dim, std::int64_t length, Border border) {
  for (std::int64_t i = 1; i <= kRing; ++i) {
    for (const std::int64_t outside : {-i, length - 1 + i}) {
      const std::int64_t inside = folded_index(outside, length, border);
      padded.select(dim, kRing + outside).copy_(padded.select(dim, kRing + inside));
    }
  }
}

// The frame inside its ring: (C,H+2 kRing,W+2 kRing).
at::Tensor padded_frame(const at::Tensor& tensor, Border border) {
  const std::int64_t height = tensor.size(1), width = tensor.size(2);
  at::Tensor padded = at::empty({tensor.size(0), height + 2 * kRing, width + 2 * kRing}, tensor.options());
  padded.narrow(1, kRing, height).narrow(2, kRing, width).copy_(tensor);
  at::Tensor rows = padded.narrow(1, kRing, height);
  fill_ring(rows, 2, width, border);
  fill_ring(padded, 1, height, border);
  return padded;
}

at::Tensor inside(const at::Tensor& positions, Size size) {
  const auto within = [](const at::Tensor& position, std::int64_t length) {
    return position.ge(-0.5).logical_and_(position.le(static_cast<double>(length) - 0.5));
  };
  return within(positions[0], size.width).logical_and_(within(positions[1], size.height));
}

// c(q) = pivot + R^-1 (q - pivot) / zoom + pan * (W,H), in place of (x, y). y points down, so a picture that
// turns anticlockwise by theta takes (x,y) to (x cos + y sin, y cos - x sin); here the inverse is applied.
at::Tensor moved(const at::Tensor& x, const at::Tensor& y, const CameraStep& camera, Size size) {
  const double angle = camera.rotate_degrees * std::numbers::pi / 180;
  const double cosine = std::cos(angle) / camera.zoom, sine = std::sin(angle) / camera.zoom;
  const auto width = static_cast<double>(size.width), height = static_cast<double>(size.height);
  const double pivot_x = camera.pivot_x * width - 0.5, pivot_y = camera.pivot_y * height - 0.5;
  const at::Tensor from_pivot_x = x - pivot_x, from_pivot_y = y - pivot_y;
  const at::Tensor to_x = from_pivot_x * cosine - from_pivot_y * sine + (pivot_x + camera.pan_x * width);
  const at::Tensor to_y = from_pivot_x * sine + from_pivot_y * cosine + (pivot_y + camera.pan_y * height);
  return at::stack({to_x.expand({size.height, size.width}), to_y.expand({size.height, size.width})});
}

at::Tensor white_outside(Size size, Size drawn, const RandomKey& key) {
  const at::Tensor noise = noise_frame(drawn.height, drawn.width, key, Purpose::border_noise);
  return drawn == size ? noise : resize(noise, size).clamp_(0, 1);
}

}  // namespace

double smallest_covering_zoom(Size size, const CameraStep& step) {
  const double angle = step.rotate_degrees * std::numbers::pi / 180;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const auto width = static_cast<double>(size.width), height = static_cast<double>(size.height);
  // A coordinate that lies `from_pivot` from the pivot at zoom 1 must stay within the side. The pivot goes to
  // `pivot`.
  const auto zoom_for = [](double from_pivot, double pivot, double side) {
    const double room = from_pivot > 0 ? side - pivot : pivot;
    if (from_pivot == 0) return room >= 0 && pivot <= side ? 0 : std::numeric_limits<double>::infinity();
    return room > 0 ? std::abs(from_pivot) / room : std::numeric_limits<double>::infinity();
  };
  double zoom = 0;
  for (const double x : {0.0, width})
    for (const double y : {0.0, height}) {
      const double from_x = x - step.pivot_x * width, from_y = y - step.pivot_y * height;
      zoom = std::max(
          {zoom, zoom_for(from_x * cosine - from_y * sine, (step.pivot_x + step.pan_x) * width, width),
           zoom_for(from_x * sine + from_y * cosine, (step.pivot_y + step.pan_y) * height, height)});
    }
  return zoom;
}

at::Tensor positions(Size size, const CameraStep& camera, const std::optional<at::Tensor>& flow_prev_from_cur,
                     const at::Device& device) {
  if (size.height <= 0 || size.width <= 0 || !(camera.zoom > 0))
    throw std::invalid_argument("positions: expected a positive size and zoom");
  const at::NoGradGuard no_grad;
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  at::Tensor x = at::arange(size.width, options).unsqueeze(0);
  at::Tensor y = at::arange(size.height, options).unsqueeze(1);
  if (flow_prev_from_cur) {
    expect_chw(*flow_prev_from_cur, 2, "positions: flow");
    const at::Tensor flow = flow_prev_from_cur->to(device);
    if (flow.size(1) != size.height || flow.size(2) != size.width)
      throw std::invalid_argument("positions: the flow's size differs from the frame's");
    x = x + flow[0];
    y = y + flow[1];
  }
  if (!camera.is_identity()) return moved(x, y, camera, size);
  return at::stack({x.expand({size.height, size.width}), y.expand({size.height, size.width})});
}

at::Tensor resample(const at::Tensor& tensor, const at::Tensor& positions, Border border,
                    const RandomKey& key, Size noise_size) {
  expect_chw(tensor, "resample: tensor");
  expect_chw(positions, 2, "resample: positions");
  const Size size{tensor.size(1), tensor.size(2)};
  if (is_noise(border)) {
    if (positions.size(1) != size.height || positions.size(2) != size.width)
      throw std::invalid_argument("resample: with a noise border, positions have the tensor's size");
    expect_chw(tensor, 3, "resample: tensor with a noise border");
  }
  const at::NoGradGuard no_grad;
  const at::Tensor padded = padded_frame(tensor, border);
  const at::Tensor x = fold(positions[0], size.width, border) + static_cast<double>(kRing);
  const at::Tensor y = fold(positions[1], size.height, border) + static_cast<double>(kRing);
  const at::Tensor sampled =
      padded.is_cpu() ? bicubic_on_cpu(padded, x, y) : bicubic_by_operators(padded, x, y);
  if (!is_noise(border)) return sampled;
  const at::Tensor is_inside = inside(positions, size);
  if (is_inside.all().item<bool>()) return sampled;
  const at::Tensor noise = border == Border::scaled_noise
                               ? scaled_noise_frame(size.height, size.width, key, Purpose::border_noise)
                               : white_outside(size, noise_size == Size{} ? size : noise_size, key);
  return at::where(is_inside, sampled, noise.to(tensor.device()));
}

}  // namespace dreamreel::image
