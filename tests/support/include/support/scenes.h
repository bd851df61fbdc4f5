// Pictures with known motion, for tests that link a module with Torch.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "dreamreel/core/random.h"

namespace dreamreel::test {

/// A picture that is known at every position, not only at pixels: 32 random plane waves of 6 to 40 px. So it
/// can be moved by any fraction of a pixel without interpolation. (3,H,W) float32 in [0,1], shifted right by
/// dx and down by dy, px.
inline at::Tensor wave_texture(std::int64_t height, std::int64_t width, double dx, double dy,
                               std::uint64_t seed = 1) {
  constexpr std::size_t kWaves = 32;
  const at::Tensor x = at::arange(width, at::kDouble).unsqueeze(0) - dx;
  const at::Tensor y = at::arange(height, at::kDouble).unsqueeze(1) - dy;
  at::Tensor sum = at::zeros({3, height, width}, at::kDouble);
  std::vector<float> draws(kWaves * 4);
  fill_uniform(draws, {seed, 0, 0, 0}, Purpose::start_noise);
  for (std::size_t i = 0; i < kWaves; ++i) {
    const double wavelength = 6 * std::pow(40.0 / 6, double{draws[4 * i]});
    const double angle = 2 * std::numbers::pi * draws[4 * i + 1],
                 phase = 2 * std::numbers::pi * draws[4 * i + 2];
    const double turn = 2 * std::numbers::pi / wavelength;
    const at::Tensor wave = (x * (turn * std::cos(angle)) + y * (turn * std::sin(angle)) + phase).cos();
    // Each wave is stronger in one channel, so that the picture has colours.
    for (int channel = 0; channel < 3; ++channel)
      sum[channel].add_(wave, channel == static_cast<int>(i % 3) ? 0.9 : 0.6);
  }
  return (sum / std::sqrt(double{kWaves}) * 0.3 + 0.5).clamp(0, 1).to(at::kFloat);
}

}  // namespace dreamreel::test
