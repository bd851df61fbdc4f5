#include "dreamreel/carry/hold.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>

#include "dreamreel/footage/camera.h"

namespace dreamreel::carry {
namespace {

constexpr std::int64_t kCell = 8;  // px

constexpr double kMeanUpTo = 0.75 / 255, kCellUpTo = 8.0 / 255;

}  // namespace

bool show_the_same(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor difference = (a - b).abs().mean(0, /*keepdim=*/true).unsqueeze(0);
  if (difference.mean().item<double>() > kMeanUpTo) return false;
  // cells at the right and lower border may be smaller
  const at::Tensor cells = at::avg_pool2d(difference, {kCell, kCell}, {kCell, kCell}, {0, 0},
                                          /*ceil_mode=*/true, /*count_include_pad=*/false);
  return cells.max().item<double>() <= kCellUpTo;
}

bool Hold::holds(const media::VideoFrame& drawn, const media::VideoFrame& previous,
                 const media::VideoFrame& frame) const {
  const auto camera = footage::camera_step(job_.camera, timeline_.at(frame), frame.seconds - previous.seconds,
                                           static_cast<double>(frame.index - previous.index));
  return camera.is_identity() && show_the_same(drawn.rgb, frame.rgb);
}

}  // namespace dreamreel::carry
