#include "read_at.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/stack.h>

namespace dreamreel::flow {

at::Tensor read_at(const at::Tensor& field, const at::Tensor& positions) {
  constexpr std::int64_t kBilinear = 0, kPaddingBorder = 1;  // at::native::GridSampler*
  const auto normalised = [](const at::Tensor& position, std::int64_t length) {
    return (position * 2 + 1) / static_cast<double>(length) - 1;
  };
  const at::Tensor grid =
      at::stack({normalised(positions[0], field.size(2)), normalised(positions[1], field.size(1))}, 2);
  return at::grid_sampler_2d(field.unsqueeze(0), grid.unsqueeze(0), kBilinear, kPaddingBorder,
                             /*align_corners=*/false)
      .squeeze(0);
}

}  // namespace dreamreel::flow
