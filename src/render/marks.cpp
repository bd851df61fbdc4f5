#include "marks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>

namespace dreamreel::render {
namespace {

// A fixed grid of dots, for the motion to carry along: (1,H,W), 1 on a dot.
at::Tensor dots(std::int64_t height, std::int64_t width, const at::Device& device) {
  constexpr std::int64_t kSpacing = 32, kSize = 4;  // px
  const auto on_dot = [&](std::int64_t length) {
    return at::arange(length, at::TensorOptions().device(device))
        .remainder(kSpacing)
        .lt(kSize)
        .to(at::kFloat);
  };
  return (on_dot(height).unsqueeze(1) * on_dot(width).unsqueeze(0)).unsqueeze(0);
}

}  // namespace

at::Tensor marked(const at::Tensor& start, const at::Tensor& below, double share) {
  const at::Tensor colour = below.mean(0, true).lt(0.5).to(at::kFloat);
  const at::Tensor where = dots(start.size(1), start.size(2), start.device()) * share;
  return (start + (colour - below) * where).clamp(0, 1);
}

}  // namespace dreamreel::render
