// The bicubic kernel of resample(): Catmull-Rom, the cubic convolution with a = -1/2 of R. Keys, "Cubic
// convolution interpolation for digital image processing", 1981.
//
// Note [Why a = -1/2 and not PyTorch's -3/4]
//
// A dream is resampled once a frame for thousands of frames, mostly by small fractions of a pixel. Only with
// a = -1/2 does Keys' kernel reproduce straight ramps. With a = -3/4 (at::grid_sampler_2d), a shift by a
// small t moves a ramp by 1.5 t. So the picture would zoom and pan faster at a higher frame rate. The gain of
// that kernel is also above 1 for slow waves, so feedback would ring and burn out. With a = -1/2 the gain
// never exceeds 1.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::image {

/// Both functions read `padded` (C,H,W) at (x,y) and return (C,h,w). x and y are (h,w) float32, in px of
/// padded's own coordinates. They must lie in [1, W-3] by [1, H-3], so that the kernel stays inside; other
/// values, not-a-number included, are moved there. At whole positions the result is the tensor's own value,
/// bit for bit.
at::Tensor bicubic_on_cpu(const at::Tensor& padded, const at::Tensor& x, const at::Tensor& y);

/// The same on any device, with ATen operators (several times slower on a CPU).
at::Tensor bicubic_by_operators(const at::Tensor& padded, const at::Tensor& x, const at::Tensor& y);

}  // namespace dreamreel::image
