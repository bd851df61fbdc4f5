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

/// The sizes of octaves that are the same for a small frame and for a large one. The coarsest has a shorter
/// side of `coarsest` px, and each finer one is `scale` times larger. A larger frame only has more of them.
/// The finest, which comes first, is the frame itself, so its step may be up to sqrt(scale) smaller or larger
/// than the others. A frame that is not much larger than `coarsest` has one octave. At most 20: where more
/// would be needed, all steps are larger.
std::vector<Size> octave_ladder(Size frame, double coarsest, double scale);

/// Resizes with a bicubic kernel (Catmull-Rom, a = -1/2, so straight ramps stay straight). If a side shrinks,
/// the kernel is widened to the source spacing (antialiasing); each side is treated on its own. A side of
/// equal length keeps its bits. (C,H,W) float32. The result is not clamped: detail may be negative, and
/// bicubic overshoots a little.
at::Tensor resize(const at::Tensor& tensor, Size to);

}  // namespace dreamreel::image
