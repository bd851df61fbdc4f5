// Noise that looks the same at any size. See frame.h for the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "dreamreel/core/random.h"

namespace dreamreel::image {

/// Grey 0.5 plus noise, of which a smaller frame shows the larger frame's picture, scaled down. (3,H,W), CPU,
/// clamped to [0,1].
///
/// A frame of 256x320 px gets an independent normal value of deviation `sigma` for each pixel and channel,
/// like noise_frame(). A larger frame gets the same values, enlarged, and under them new detail of the same
/// strength for each doubling. So its noise is coarser than white noise, and its deviation is 0.8 to 1.25
/// times sigma from 256 to 1080 px. A smaller frame gets the values averaged, 0.6 times sigma at 180 px.
/// Frames of quite another aspect get other noise. (The bands are those of Cook, DeRose: "Wavelet Noise",
/// SIGGRAPH 2005: white noise less what its half-size copy holds.)
///
/// The octave of `key` is raised by up to 7, and its iteration is set; both may be 0 in `key`.
at::Tensor scaled_noise_frame(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose,
                              double sigma = 0.1);

}  // namespace dreamreel::image
