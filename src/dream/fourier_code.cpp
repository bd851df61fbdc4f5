#include "dreamreel/dream/fourier_code.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/complex.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/fft_fftfreq.h>
#include <ATen/ops/fft_irfft2.h>
#include <ATen/ops/fft_rfft2.h>
#include <ATen/ops/fft_rfftfreq.h>
#include <ATen/ops/full.h>
#include <ATen/ops/inverse.h>
#include <ATen/ops/logit.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/view_as_complex.h>

#include <algorithm>
#include <cmath>

#include "shaping.h"

namespace dreamreel::dream {
namespace {

constexpr double kNoise = 0.01;  // lucid's standard deviation of the first spectrum

// Multiplies the channels of (...,3,H,W) by a (3,3) matrix.
at::Tensor recoloured(const at::Tensor& matrix, const at::Tensor& picture) {
  return at::matmul(matrix, picture.flatten(-2)).reshape(picture.sizes());
}

}  // namespace

FourierCode::FourierCode(std::int64_t height, std::int64_t width, const at::Device& device,
                         const FourierOptions& said)
    : height_(height), width_(width), damping_(said.damping), edge_(said.edge) {
  const auto options = at::TensorOptions(at::kFloat);
  const at::Tensor y = at::fft_fftfreq(height, 1.0, options).unsqueeze(1);
  const at::Tensor x = at::fft_rfftfreq(width, 1.0, options).unsqueeze(0);
  const at::Tensor frequency = (y.square() + x.square()).sqrt();
  const auto area = static_cast<double>(height) * static_cast<double>(width);
  const double lowest = said.flat_periods / static_cast<double>(std::max(height, width));
  scale_ = std::sqrt(area) / frequency.clamp_min(lowest).pow(said.falloff);
  if (said.has_unit_power) scale_ = scale_ * (std::sqrt(area) / scale_.square().mean().sqrt());
  scale_ = scale_.to(device);
  const at::Tensor colours = said.colours.defined() ? said.colours : colour_directions();
  colours_ = colours.to(device, at::kFloat);
  inverse_colours_ = at::inverse(colours.to(at::kDouble)).to(device, at::kFloat);
  // Half of the spectrum stands for the whole. So columns count twice, except the first, and the last of an
  // even width.
  multiplicity_ = at::full({1, width / 2 + 1}, 2 / area, options);
  multiplicity_.narrow(1, 0, 1).fill_(1 / area);
  if (width % 2 == 0) multiplicity_.narrow(1, width / 2, 1).fill_(1 / area);
  multiplicity_ = multiplicity_.to(device);
}

at::Tensor FourierCode::encode(const at::Tensor& picture) const {
  const at::Tensor plain = recoloured(inverse_colours_, at::logit(picture.clamp(edge_, 1 - edge_)));
  return at::fft_rfft2(plain * damping_) / scale_;
}

at::Tensor FourierCode::decode(const at::Tensor& spectrum) const {
  const std::int64_t size[] = {height_, width_};
  const at::Tensor plain = at::fft_irfft2(spectrum * scale_, at::IntArrayRef(size, 2)) / damping_;
  return at::sigmoid(recoloured(colours_, plain));
}

at::Tensor FourierCode::pull_back(const at::Tensor& gradient, const at::Tensor& picture) const {
  const at::Tensor logits = gradient * picture * (1 - picture);
  const at::Tensor plain = recoloured(colours_.t(), logits) / damping_;
  return at::fft_rfft2(plain) * (multiplicity_ * scale_);
}

at::Tensor fourier_noise(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose) {
  at::Tensor numbers = at::empty({3, height, width / 2 + 1, 2}, at::kFloat);
  fill_normal({numbers.data_ptr<float>(), static_cast<std::size_t>(numbers.numel())}, key, purpose);
  return FourierCode(height, width, at::kCPU).decode(at::view_as_complex(numbers.mul_(kNoise)));
}

at::Tensor scaled_fourier_noise(std::int64_t height, std::int64_t width, const RandomKey& key,
                                Purpose purpose) {
  const std::int64_t waves = width / 2 + 1, values = waves * 3 * 2;
  at::Tensor numbers = at::empty({height, waves, 3, 2}, at::kFloat);
  for (std::int64_t row = 0; row < height; ++row) {
    // Rows hold the waves 0, 1, 2, ..., -2, -1. Those of one length take neighbouring keys.
    RandomKey row_key = key;
    row_key.iteration = static_cast<std::int32_t>(row < (height + 1) / 2 ? 2 * row : 2 * (height - row) - 1);
    fill_normal({numbers.data_ptr<float>() + row * values, static_cast<std::size_t>(values)}, row_key,
                purpose);
  }
  const at::Tensor spectrum = numbers.mul_(kNoise).permute({2, 0, 1, 3}).contiguous();
  return FourierCode(height, width, at::kCPU).decode(at::view_as_complex(spectrum));
}

}  // namespace dreamreel::dream
