#include "canvas.h"

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
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "held_spectrum.h"
#include "shaping.h"

namespace dreamreel::dream {
namespace {

constexpr double kLevels = 255;            // `step` is given in 8-bit levels
constexpr double kFourierRate = 1.0 / 30;  // a step of 1.5 is lucid's rate of 0.05
constexpr double kDamping = 4;             // lucid's; keeps the sigmoid away from its flat ends
constexpr double kEdge = 1e-3;             // how near a picture may come to 0 and 1
constexpr double kNoise = 0.01;            // lucid's standard deviation of the first spectrum

// Multiplies the channels of (3,H,W) by a (3,3) matrix.
at::Tensor recoloured(const at::Tensor& matrix, const at::Tensor& picture) {
  return at::matmul(matrix, picture.reshape({3, -1})).view_as(picture);
}

class Pixels : public Canvas {
 public:
  Pixels(at::Tensor picture, const AscentOptions& options)
      : picture_(std::move(picture)),
        rate_(options.step / kLevels),
        uses_adam_(options.optimizer == Optimizer::adam) {}
  const at::Tensor& picture() const override { return picture_; }
  void step(const at::Tensor& direction, double size) override {
    if (uses_adam_)
      picture_.add_(adam_.direction(direction / size), rate_);
    else
      picture_.add_(direction, rate_ / size);
    picture_.clamp_(0, 1);
  }
  void replace(const at::Tensor& picture) override { picture_ = picture; }

 private:
  at::Tensor picture_;
  const double rate_;
  const bool uses_adam_;
  Adam adam_;
};

class Spectrum : public Canvas {
 public:
  Spectrum(const at::Tensor& picture, const AscentOptions& options)
      : code_(picture.size(1), picture.size(2), picture.device()),
        rate_(options.step * kFourierRate),
        uses_adam_(options.optimizer == Optimizer::adam) {
    replace(picture);
  }
  const at::Tensor& picture() const override { return picture_; }
  void step(const at::Tensor& direction, double size) override {
    at::Tensor along = at::view_as_real(code_.pull_back(direction / size, picture_)).contiguous();
    if (uses_adam_) {
      along = adam_.direction(along);
    } else if (const double mean = along.abs().mean().item<double>(); mean > 0) {
      along = along / mean;
    }
    spectrum_ = at::view_as_complex(at::view_as_real(spectrum_).add(along, rate_));
    picture_ = code_.decode(spectrum_);
  }
  void replace(const at::Tensor& picture) override {
    spectrum_ = code_.encode(picture).contiguous();
    picture_ = code_.decode(spectrum_);
  }

 private:
  const FourierCode code_;
  at::Tensor spectrum_, picture_;
  const double rate_;
  const bool uses_adam_;
  Adam adam_;
};

}  // namespace

at::Tensor Adam::direction(const at::Tensor& gradient) {
  constexpr double kFirst = 0.9, kSecond = 0.999, kSmallest = 1e-8;
  if (!first_.defined()) {
    first_ = at::zeros_like(gradient);
    second_ = at::zeros_like(gradient);
  }
  first_.mul_(kFirst).add_(gradient, 1 - kFirst);
  second_.mul_(kSecond).addcmul_(gradient, gradient, 1 - kSecond);
  first_left_ *= kFirst;
  second_left_ *= kSecond;
  return first_.div(1 - first_left_).div_(second_.div(1 - second_left_).sqrt_().add_(kSmallest));
}

FourierCode::FourierCode(std::int64_t height, std::int64_t width, const at::Device& device)
    : height_(height), width_(width) {
  const auto options = at::TensorOptions(at::kFloat);
  const at::Tensor y = at::fft_fftfreq(height, 1.0, options).unsqueeze(1);
  const at::Tensor x = at::fft_rfftfreq(width, 1.0, options).unsqueeze(0);
  const at::Tensor frequency = (y.square() + x.square()).sqrt();
  const auto area = static_cast<double>(height) * static_cast<double>(width);
  const double lowest = 1.0 / static_cast<double>(std::max(height, width));
  scale_ = (std::sqrt(area) / frequency.clamp_min(lowest)).to(device);
  colours_ = colour_directions().to(device);
  inverse_colours_ = at::inverse(colour_directions().to(at::kDouble)).to(device, at::kFloat);
  // Half of the spectrum stands for the whole. So columns count twice, except the first, and the last of an
  // even width.
  multiplicity_ = at::full({1, width / 2 + 1}, 2 / area, options);
  multiplicity_.narrow(1, 0, 1).fill_(1 / area);
  if (width % 2 == 0) multiplicity_.narrow(1, width / 2, 1).fill_(1 / area);
  multiplicity_ = multiplicity_.to(device);
}

at::Tensor FourierCode::encode(const at::Tensor& picture) const {
  const at::Tensor plain = recoloured(inverse_colours_, at::logit(picture.clamp(kEdge, 1 - kEdge)));
  return at::fft_rfft2(plain * kDamping) / scale_;
}

at::Tensor FourierCode::decode(const at::Tensor& spectrum) const {
  const std::int64_t size[] = {height_, width_};
  const at::Tensor plain = at::fft_irfft2(spectrum * scale_, at::IntArrayRef(size, 2)) / kDamping;
  return at::sigmoid(recoloured(colours_, plain));
}

at::Tensor FourierCode::pull_back(const at::Tensor& gradient, const at::Tensor& picture) const {
  const at::Tensor logits = gradient * picture * (1 - picture);
  const at::Tensor plain = recoloured(colours_.t(), logits) / kDamping;
  return at::fft_rfft2(plain) * (multiplicity_ * scale_);
}

std::unique_ptr<Canvas> make_canvas(const at::Tensor& picture, const at::Tensor& base,
                                    const AscentOptions& options) {
  if (options.parameterization == Parameterization::fourier)
    return std::make_unique<Spectrum>(picture, options);
  if (options.parameterization == Parameterization::spectrum)
    return std::make_unique<HeldSpectrum>(picture, base, options);
  return std::make_unique<Pixels>(picture, options);
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
