// Pictures that depend only on their sizes.
#pragma once

#include <ATen/ATen.h>

#include "support/onnx_model.h"

namespace dreamreel::network {

/// (count,3,height,width) float32 in [0,1).
inline at::Tensor pictures(std::int64_t count, std::int64_t height, std::int64_t width) {
  const auto values =
      test::pseudo_random("picture", static_cast<std::size_t>(count * 3 * height * width), 0.5F);
  return (at::tensor(values) + 0.5).view({count, 3, height, width});
}

/// (1,3,height,width) in [0,1).
inline at::Tensor picture(std::int64_t height, std::int64_t width, at::ScalarType type = at::kFloat) {
  return pictures(1, height, width).to(type);
}

/// (1,3,height,width) float32 in [-limit,limit).
inline at::Tensor signed_picture(std::int64_t height, std::int64_t width, float limit = 1) {
  const auto values = test::pseudo_random("picture", static_cast<std::size_t>(3 * height * width), limit);
  return at::tensor(values).view({1, 3, height, width});
}

}  // namespace dreamreel::network
