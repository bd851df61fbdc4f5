#include "canvas.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/view_as_complex.h>
#include <ATen/ops/view_as_real.h>

#include <utility>

#include "dreamreel/dream/adam.h"
#include "dreamreel/dream/fourier_code.h"
#include "fixed_spectrum.h"

namespace dreamreel::dream {
namespace {

constexpr double kFourierRate = 1.0 / 30;  // a step of 1.5 is lucid's rate of 0.05

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

std::unique_ptr<Canvas> make_canvas(const at::Tensor& picture, const at::Tensor& base,
                                    const AscentOptions& options) {
  if (options.parameterization == Parameterization::fourier)
    return std::make_unique<Spectrum>(picture, options);
  if (options.parameterization == Parameterization::spectrum)
    return std::make_unique<FixedSpectrum>(picture, base, options);
  return std::make_unique<Pixels>(picture, options);
}

}  // namespace dreamreel::dream
