#include "dreamreel/carry/maps_picture.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/tint.h"

namespace dreamreel::carry {
namespace {

constexpr image::Rgb kRemembered{0.1, 0.8, 0.3}, kUncovered{0.9, 0.15, 0.1}, kOutside{0.15, 0.4, 1},
    kEdge{1, 0.8, 0.1};
constexpr double kMapStrength = 0.75;

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
  image::tint(picture, kUncovered, motion.distrust->uncovered.to(device) * fresh, kMapStrength);
  image::tint(picture, kOutside, motion.distrust->outside.to(device) * fresh, kMapStrength);
  image::tint(picture, kEdge, motion.distrust->edge.to(device) * fresh, kMapStrength);
  image::tint(picture, kRemembered, remembered, kMapStrength);
  return picture;
}

}  // namespace dreamreel::carry
