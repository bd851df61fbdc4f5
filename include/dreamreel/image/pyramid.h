// Scaling between octaves. See frame.h for the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace dreamreel::image {

struct Size {
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool operator==(const Size&) const = default;
};

/// The sizes of the octaves. The finest, the frame itself, comes first: round(side / scale^k), k =
/// 0..octaves-1, each side at least 1.
std::vector<Size> octave_sizes(Size frame, int octaves, double scale);

/// Resizes with a bicubic kernel (Catmull-Rom, a = -1/2, so straight ramps stay straight). If a side shrinks,
/// the kernel is widened to the source spacing (antialiasing); each side is treated on its own. A side of
/// equal length keeps its bits. (C,H,W) float32. The result is not clamped: detail may be negative, and
/// bicubic overshoots a little.
at::Tensor resize(const at::Tensor& tensor, Size to);

}  // namespace dreamreel::image
