#include "atlas_tiles.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/fft_fftfreq.h>
#include <ATen/ops/fft_irfft2.h>
#include <ATen/ops/fft_rfft2.h>
#include <ATen/ops/fft_rfftfreq.h>
#include <ATen/ops/inverse.h>
#include <ATen/ops/logit.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/view_as_complex.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <span>

#include "dreamreel/core/random.h"

namespace dreamreel::study {
namespace {

constexpr double kMomentum = 0.9, kSquareMomentum = 0.99, kEpsilon = 1e-8;  // Adam's
constexpr double kDecay = 1.2, kFlatPeriods = 3;
constexpr double kStartContrast = 0.35;  // of noise, before the sigmoid
// A start picture keeps this far from 0 and 1, where the sigmoid has no slope.
constexpr double kEdge = 0.02;

// The columns are the axes of Ruderman et al. with their lengths: light, blue against yellow, red against
// green. By lucid's numbers, these are the shares of the colours in ImageNet's pictures; a render with
// `parameterization: fourier` uses them, too. Adam moves all coefficients at one pace, so longer axes would
// give every tile a cast of purple and green.
constexpr double kBlue = 0.28, kRed = 0.13;
at::Tensor colour_axes(const at::TensorOptions& options) {
  const double light = 1.0 / std::sqrt(3.0), blue = kBlue / std::sqrt(6.0), red = kRed / std::sqrt(2.0);
  return at::tensor({light, blue, red, light, blue, -red, light, -2 * blue, 0.0}, at::kDouble)
      .view({3, 3})
      .to(options);
}

// 1/frequency^kDecay, flat below kFlatPeriods periods a tile, with a mean square of 1. It falls faster than
// in photographs (exponent 1), so that shapes win over grain. It is flat for the lowest frequencies, because
// tiles would otherwise drift into large patches of black and white.
at::Tensor frequency_weight(std::int64_t side, const at::TensorOptions& options) {
  const auto y = at::fft_fftfreq(side, 1.0, options).view({-1, 1});
  const auto x = at::fft_rfftfreq(side, 1.0, options).view({1, -1});
  const auto frequency = at::sqrt(y.square() + x.square());
  const auto weight = frequency.clamp_min(kFlatPeriods / static_cast<double>(side)).pow(-kDecay);
  return (weight / at::sqrt(weight.square().mean())).unsqueeze(-1);
}

at::Tensor spectrum_of(const at::Tensor& pictures, const at::Tensor& weight) {
  const auto unmix = at::inverse(colour_axes(pictures.options()));
  const auto planes = at::einsum("ij,njhw->nihw", {unmix, at::logit(pictures.clamp(kEdge, 1 - kEdge))});
  return at::view_as_real(at::fft_rfft2(planes, c10::nullopt, {-2, -1}, "ortho")) / weight;
}

at::Tensor pictures_of(const at::Tensor& spectrum, const at::Tensor& weight, std::int64_t side) {
  const std::vector<std::int64_t> sizes{side, side};
  const auto planes =
      at::fft_irfft2(at::view_as_complex((spectrum * weight).contiguous()), sizes, {-2, -1}, "ortho");
  return at::sigmoid(at::einsum("ij,njhw->nihw", {colour_axes(planes.options()), planes}));
}

// Divides each tile by its own root mean square.
at::Tensor normalised(const at::Tensor& gradient) {
  const auto rms = at::sqrt(gradient.square().mean({1, 2, 3, 4}, true));
  return at::where(rms > 0, gradient / rms, at::zeros_like(gradient));
}

}  // namespace

Tiles::Tiles(const at::Tensor& start) : side_(start.size(2)) {
  weight_ = frequency_weight(side_, start.options());
  spectrum_ = spectrum_of(start, weight_).detach().requires_grad_(true);
  average_ = at::zeros_like(spectrum_).detach();
  square_ = at::zeros_like(spectrum_).detach();
  render();
}

void Tiles::render() {
  rendered_ = pictures_of(spectrum_, weight_, side_);
  detached_ = rendered_.detach();
}

void Tiles::climb(const at::Tensor& gradient, double rate) {
  const auto slope = normalised(torch::autograd::grad({rendered_}, {spectrum_}, {gradient})[0]);
  ++steps_;
  average_.mul_(kMomentum).add_(slope, 1 - kMomentum);
  square_.mul_(kSquareMomentum).addcmul_(slope, slope, 1 - kSquareMomentum);
  const double average_bias = 1 - std::pow(kMomentum, steps_),
               square_bias = 1 - std::pow(kSquareMomentum, steps_);
  const auto direction = (average_ / average_bias) / (at::sqrt(square_ / square_bias) + kEpsilon);
  spectrum_ = (spectrum_.detach() + direction * rate).requires_grad_(true);
  render();
}

at::Tensor noise_tiles(std::int64_t count, std::int64_t size, std::uint64_t seed, std::int64_t first) {
  const auto options = at::TensorOptions().dtype(at::kFloat);
  const auto weight = frequency_weight(size, options);
  auto spectrum = at::empty({count, 3, size, size / 2 + 1, 2}, options);
  const auto numbers = static_cast<std::size_t>(spectrum.numel() / count);
  for (std::int64_t i = 0; i < count; ++i)
    fill_normal(std::span(spectrum[i].data_ptr<float>(), numbers), {seed, first + i, 0, 0},
                Purpose::start_noise);
  return pictures_of(spectrum * kStartContrast, weight, size);
}

}  // namespace dreamreel::study
