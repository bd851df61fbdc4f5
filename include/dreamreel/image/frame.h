// Rules for every function of this module, stated once:
//   - A frame is an at::Tensor: float32, (3,H,W), R'G'B' as encoded in the source (no linearisation), values
//     in [0,1], contiguous, CPU or CUDA. A scalar field (mask, reliability) is (1,H,W). A vector field is
//     (2,H,W): x then y, in pixels. No side is 0.
//   - Pixel centres have whole coordinates: (0,0) is the centre of the top left pixel, the frame spans
//     [-0.5, W-0.5] by [-0.5, H-0.5].
//   - Functions are pure, run on the device of their input, leave no autograd graph, may be called from any
//     thread, and throw std::invalid_argument on a wrong shape or type (a programming error, not a person's).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "dreamreel/core/random.h"

namespace dreamreel::image {

/// Throws std::invalid_argument with `what` in its message unless `tensor` is float32 (channels,H,W). Without
/// `channels`, any number of channels is accepted.
void expect_chw(const at::Tensor& tensor, std::int64_t channels, const char* what);
void expect_chw(const at::Tensor& tensor, const char* what);

/// Clamps to [0,1] and rounds to the nearest of 65536 levels. Frames are stored, carried and encoded with
/// these numbers.
at::Tensor quantise16(const at::Tensor& frame);

/// Interleaved 16-bit RGB, H*W*3 values, row by row. `frame` may be on any device, and is clamped and rounded
/// as by quantise16(). And back, on the CPU; exact for quantised frames.
std::vector<std::uint16_t> to_rgb48(const at::Tensor& frame);
at::Tensor from_rgb48(const std::uint16_t* rgb, std::int64_t height, std::int64_t width);

/// Grey 0.5 plus normal noise of standard deviation `sigma` for each pixel and channel, clamped to [0,1];
/// CPU.
at::Tensor noise_frame(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose,
                       double sigma = 0.1);

/// a + (b - a) * weight, exact at the weights 0 and 1. `weight` is a number or a (1,H,W) mask.
at::Tensor lerp(const at::Tensor& a, const at::Tensor& b, double weight);
at::Tensor lerp(const at::Tensor& a, const at::Tensor& b, const at::Tensor& weight);

/// Rec. 709 luma of the encoded values, (1,H,W).
at::Tensor luma(const at::Tensor& frame);

/// Normalised Gaussian blur (separable, radius ceil(3 sigma), edges repeated) of every channel; sigma in
/// pixels, 0 copies.
at::Tensor gaussian_blur(const at::Tensor& tensor, double sigma_px);

}  // namespace dreamreel::image
