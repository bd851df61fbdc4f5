// Noise that looks the same at any size. See frame.h for the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "dreamreel/core/random.h"

namespace dreamreel::image {

/// Grey 0.5 plus noise, of which a smaller frame shows the larger frame's picture, scaled down. (3,H,W), CPU,
/// clamped to [0,1].
///
/// A frame whose shorter side has 256 px gets an independent normal value of deviation `sigma` for each pixel
/// and channel, like noise_frame(). A larger frame gets the same values, enlarged, and under them new detail
/// of the same strength for each doubling. So its noise is a little stronger (1.3 times at 1080 px), and
/// coarser than white noise. Frames of quite another aspect get other noise.
/// (The bands are those of Cook, DeRose: "Wavelet Noise", SIGGRAPH 2005: white noise less what its half-size
/// copy holds.)
///
/// The octave of `key` is raised by up to 7, and its iteration is set; both may be 0 in `key`.
at::Tensor scaled_noise_frame(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose,
                              double sigma = 0.1);

}  // namespace dreamreel::image
