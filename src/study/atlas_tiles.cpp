#include "atlas_tiles.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/view_as_complex.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <span>

#include "dreamreel/core/random.h"

namespace dreamreel::study {
namespace {

constexpr double kSquareMomentum = 0.99;  // of Adam: a tile has too few steps for its usual 0.999
constexpr double kStartContrast = 0.35;   // of noise, before the sigmoid

// The columns are the axes of Ruderman et al. with their lengths: light, blue against yellow, red against
// green. By lucid's numbers, these are the shares of the colours in ImageNet's pictures. Adam moves all
// coefficients at one pace, so longer axes would give every tile a cast of purple and green.
constexpr double kBlue = 0.28, kRed = 0.13;
at::Tensor colour_axes() {
  const double light = 1.0 / std::sqrt(3.0), blue = kBlue / std::sqrt(6.0), red = kRed / std::sqrt(2.0);
  return at::tensor({light, blue, red, light, blue, -red, light, -2 * blue, 0.0}, at::kDouble).view({3, 3});
}

dream::FourierCode code_for(std::int64_t side, const at::Device& device) {
  dream::FourierOptions options;
  options.falloff = 1.2;     // falls faster than in photographs, so that shapes win over grain
  options.flat_periods = 3;  // or tiles would drift into large patches of black and white
  options.has_unit_power = true;
  options.damping = 1;
  options.edge = 0.02;  // a start picture keeps away from 0 and 1, where the sigmoid has no slope
  options.colours = colour_axes();
  return {side, side, device, options};
}

// Divides the gradient of each tile, (N,3,S,S/2+1,2), by its own root mean square.
at::Tensor normalised(const at::Tensor& gradient) {
  const auto rms = at::sqrt(gradient.square().mean({1, 2, 3, 4}, true));
  return at::where(rms > 0, gradient / rms, at::zeros_like(gradient));
}

}  // namespace

AtlasTiles::AtlasTiles(const at::Tensor& start)
    : code_(code_for(start.size(2), start.device())),
      spectrum_(code_.encode(start).contiguous()),
      pictures_(code_.decode(spectrum_)),
      adam_(kSquareMomentum) {}

void AtlasTiles::climb(const at::Tensor& gradient, double rate) {
  const at::Tensor slope = at::view_as_real(code_.pull_back(gradient, pictures_));
  const at::Tensor moved = at::view_as_real(spectrum_).add(adam_.direction(normalised(slope)), rate);
  spectrum_ = at::view_as_complex(moved.contiguous());
  pictures_ = code_.decode(spectrum_);
}

at::Tensor noise_tiles(std::int64_t count, std::int64_t size, std::uint64_t seed, std::int64_t first) {
  at::Tensor spectrum = at::empty({count, 3, size, size / 2 + 1, 2}, at::kFloat);
  const auto numbers = static_cast<std::size_t>(spectrum.numel() / count);
  for (std::int64_t i = 0; i < count; ++i)
    fill_normal(std::span(spectrum[i].data_ptr<float>(), numbers), {seed, first + i, 0, 0},
                Purpose::start_noise);
  return code_for(size, at::kCPU).decode(at::view_as_complex(spectrum.mul_(kStartContrast)));
}

}  // namespace dreamreel::study
