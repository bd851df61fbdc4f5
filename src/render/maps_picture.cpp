#include "maps_picture.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

#include <array>

#include "dreamreel/image/frame.h"

namespace dreamreel::render {
namespace {

using Colour = std::array<double, 3>;
constexpr Colour kRemembered{0.1, 0.8, 0.3}, kUncovered{0.9, 0.15, 0.1}, kOutside{0.15, 0.4, 1},
    kEdge{1, 0.8, 0.1};
constexpr double kStrength = 0.75;

void tint(at::Tensor& picture, const Colour& colour, const at::Tensor& where) {
  for (std::size_t channel = 0; channel < colour.size(); ++channel) {
    at::Tensor plane = picture.narrow(0, static_cast<std::int64_t>(channel), 1);
    plane.add_((colour[channel] - plane) * where * kStrength);
  }
}

}  // namespace

at::Tensor maps_picture(const AnalysedFrame& analysed, const at::Tensor& source) {
  at::Tensor picture = image::luma(source).expand_as(source).contiguous();
  const auto& motion = analysed.motion;
  if (!motion.distrust || !motion.reliability) return picture;
  const at::Device device = source.device();
  const at::Tensor lost = (1 - *motion.reliability).to(device);
  at::Tensor remembered = at::zeros_like(lost);
  for (const auto& one : analysed.recollections) one.window.of(remembered).add_(one.weight.to(device));
  const at::Tensor fresh = (lost - remembered).clamp(0, 1);
  tint(picture, kUncovered, motion.distrust->uncovered.to(device) * fresh);
  tint(picture, kOutside, motion.distrust->outside.to(device) * fresh);
  tint(picture, kEdge, motion.distrust->edge.to(device) * fresh);
  tint(picture, kRemembered, remembered);
  return picture;
}

}  // namespace dreamreel::render
