// The bicubic kernel of resample(): Catmull-Rom, the cubic convolution with a = -1/2 of R. Keys, "Cubic
// convolution interpolation for digital image processing", 1981.
//
// Note [Why a = -1/2 and not PyTorch's -3/4]
// A dream is resampled once a frame for thousands of frames, mostly by small fractions of a pixel. Keys'
// kernel reproduces straight ramps for a = -1/2 alone. With a = -3/4 (at::grid_sampler_2d) a shift by a small
// t moves a ramp by 1.5 t, so the picture would zoom and pan faster the higher the frame rate; and its gain
// is above 1 for slow waves, so feedback would ring and burn out. With a = -1/2 the gain never passes 1.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::image {

/// Both read `padded` (C,H,W) at (x,y), each (h,w) float32 px in padded's own coordinates, which must lie in
/// [1, W-3] by [1, H-3] for the kernel to be inside; others (not-a-number too) are moved there. -> (C,h,w).
/// At whole positions the result is the tensor's own value, bit for bit.
at::Tensor bicubic_on_cpu(const at::Tensor& padded, const at::Tensor& x, const at::Tensor& y);

/// The same on any device, out of ATen operators (on a CPU several times slower).
at::Tensor bicubic_by_operators(const at::Tensor& padded, const at::Tensor& x, const at::Tensor& y);

}  // namespace dreamreel::image
