// One step down or up a Laplacian pyramid (Burt, Adelson 1983) of pictures on the CPU. at::conv2d() and
// at::conv_transpose2d() give the same bits with stride 2, padding 2 and one 5x5 kernel for each channel.
// The functions here take less time.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::dream {

/// The kernel 1-4-6-4-1 along one axis, over 16.
inline constexpr float kPyramidLine[] = {1.0F / 16, 4.0F / 16, 6.0F / 16, 4.0F / 16, 1.0F / 16};

/// Halves (1,C,H,W) float32 on the CPU to (1,C,ceil(H/2),ceil(W/2)): blurs with the kernel, with zeros around
/// the picture, and keeps every second position. Sums run row by row over the kernel. Each product and sum
/// together is rounded once.
at::Tensor halved_on_cpu(const at::Tensor& picture);

/// The inverse: doubles `picture` to (1,C,height,width), whose halved size has to be `picture`'s, with four
/// times the kernel. Products are rounded first, and then sums.
at::Tensor doubled_on_cpu(const at::Tensor& picture, std::int64_t height, std::int64_t width);

}  // namespace dreamreel::dream
