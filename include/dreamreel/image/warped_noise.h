// Moves white noise with a picture, and keeps it white. Resampling would not: it averages neighbours, so the
// noise gets softer and weaker in every frame. See frame.h for the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "dreamreel/core/random.h"

namespace dreamreel::image {

/// Standard normal noise for each pixel and channel, without correlation: (channels,H,W) float32, CPU.
at::Tensor white_noise(std::int64_t channels, std::int64_t height, std::int64_t width, const RandomKey& key,
                       Purpose purpose);

/// The white noise of a frame whose picture moved. `noise` (C,H,W) is the noise of the frame before it.
/// `positions` (2,H,W) says where in that frame each pixel of the new frame lies; see resample.h. The result
/// is (C,H,W) on the CPU. If `noise` is standard normal without correlation, the result is too, for every map
/// of positions.
///
/// Think of each old pixel as a square on which its noise is spread as a Brownian sheet. Each new pixel is a
/// cell in the old frame. It collects what lies on its cell, and is scaled to a variance of 1:
///   - A cell takes the share of an old pixel's area that they have in common. The parts of one pixel add up
///     to its noise, and each part has the variance of its area (a Brownian bridge). So a picture that grows
///     gets new detail, which agrees with the old noise.
///   - Where cells ask for more than an old pixel has, it is shared in proportion to what they ask for.
///   - A cell that gets nothing, outside the old frame or where `uncovered` (1,H,W) is above 1/2, gets fresh
///     noise.
/// At whole positions, the result is the old noise, bit for bit. Cells are upright rectangles with the sides
/// of the true cell; so a turn is good to some per cent of an area, and white all the same.
///
/// The new numbers depend on `key` and `purpose`. The function itself counts with key.octave (rows) and, in
/// key.iteration, channels: it uses iterations C * key.iteration to C * key.iteration + C - 1.
///
/// (Chang et al.: "How I Warped Your Noise: a Temporally-Correlated Noise Prior for Diffusion Models", ICLR
/// 2024; Deng et al.: "Infinite-Resolution Integral Noise Warping for Diffusion Models", ICLR 2025.)
at::Tensor warped_noise(const at::Tensor& noise, const at::Tensor& positions, const RandomKey& key,
                        Purpose purpose, const std::optional<at::Tensor>& uncovered = {});

}  // namespace dreamreel::image
