#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/replication_pad2d.h>

#include <stdexcept>

#include "dreamreel/flow/flow.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"
#include "read_at.h"

namespace dreamreel::flow {
namespace {

at::Tensor squared_length(const at::Tensor& field) {
  return field.square().sum(0, /*keepdim=*/true);
}

// |grad u|^2 + |grad v|^2 by central differences, (1,H,W); a frame's edge repeats its pixel.
at::Tensor squared_gradient(const at::Tensor& field) {
  const std::int64_t height = field.size(1), width = field.size(2);
  const at::Tensor padded = at::replication_pad2d(field, {1, 1, 1, 1});
  const at::Tensor along_x =
      (padded.narrow(2, 2, width) - padded.narrow(2, 0, width)).narrow(1, 1, height) / 2;
  const at::Tensor along_y =
      (padded.narrow(1, 2, height) - padded.narrow(1, 0, height)).narrow(2, 1, width) / 2;
  return squared_length(along_x) + squared_length(along_y);
}

at::Tensor is_inside(const at::Tensor& positions) {
  const auto within = [](const at::Tensor& position, std::int64_t length) {
    return position.ge(-0.5).logical_and_(position.le(static_cast<double>(length) - 0.5));
  };
  return within(positions[0], positions.size(2))
      .logical_and_(within(positions[1], positions.size(1)))
      .unsqueeze(0);
}

}  // namespace

at::Tensor reliability(const FlowPair& flow, double soften_px) {
  image::expect_chw(flow.prev_from_cur, 2, "reliability: prev_from_cur");
  image::expect_chw(flow.cur_from_prev, 2, "reliability: cur_from_prev");
  if (flow.prev_from_cur.sizes() != flow.cur_from_prev.sizes())
    throw std::invalid_argument("reliability: the two flows differ in size");
  const at::NoGradGuard no_grad;
  const at::Tensor& backward = flow.prev_from_cur;
  const image::Size size{backward.size(1), backward.size(2)};
  const at::Tensor positions = image::positions(size, {}, backward, backward.device());
  const at::Tensor forward = read_at(flow.cur_from_prev, positions);

  const at::Tensor length = squared_length(backward);
  const at::Tensor agrees =
      squared_length(backward + forward).le((length + squared_length(forward)) * 0.01 + 0.5);
  const at::Tensor is_smooth = squared_gradient(backward).le(length * 0.01 + 0.002);
  const at::Tensor trusted = agrees.logical_and(is_smooth).logical_and_(is_inside(positions));
  return image::gaussian_blur(trusted.to(at::kFloat), soften_px).clamp_(0, 1);
}

}  // namespace dreamreel::flow
