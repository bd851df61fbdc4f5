// One step down and up a Laplacian pyramid (Burt, Adelson 1983) of pictures on the CPU. Both compute what
// at::conv2d() and at::conv_transpose2d() do with stride 2, padding 2 and one 5x5 kernel for each channel on its own,
// to the last bit, and in less time.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::dream {

/// 1-4-6-4-1 in both directions, over 256.
inline constexpr float kPyramidLine[] = {1.0F / 16, 4.0F / 16, 6.0F / 16, 4.0F / 16, 1.0F / 16};

/// (1,C,H,W) float32 on the CPU to (1,C,ceil(H/2),ceil(W/2)): every second position of the picture blurred by
/// that kernel, with zeros around it. Each sum goes row by row through the kernel and is rounded once for
/// each product and sum together.
at::Tensor halved_on_cpu(const at::Tensor& picture);

/// The other way round: to (1,C,height,width), of which halves are of `picture`'s size, with four times the
/// kernel. Products are rounded, and then sums.
at::Tensor doubled_on_cpu(const at::Tensor& picture, std::int64_t height, std::int64_t width);

}  // namespace dreamreel::dream
