#include "fixed_spectrum.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/angle.h>
#include <ATen/ops/conj.h>
#include <ATen/ops/imag.h>
#include <ATen/ops/polar.h>
#include <ATen/ops/where.h>

#include <numbers>
#include <vector>

#include "photo_spectrum.h"

namespace dreamreel::dream {
namespace {

constexpr double kRate = 1.0 / 15;  // radians; the default step of 1.5 turns phases by 0.1 in the mean
constexpr double kFaint = 0.5;      // of a wave's strength
constexpr double kMostTurn = std::numbers::pi / 4;  // a wave that turned further would lose its place

at::Tensor constant_wave(const at::Tensor& spectrum) {
  return spectrum.select(2, 0).select(1, 0);
}

// Large waves have slopes a hundred times steeper than fine ones. Turned in proportion, they would swing to
// and fro. So steep slopes count about equally, and only flat ones in proportion. The mean size is 1.
at::Tensor evened(const at::Tensor& slope) {
  const double mean = slope.abs().mean().item<double>();
  if (mean <= 0) return slope;
  const at::Tensor bounded = slope / (slope.abs() + mean);
  return bounded / bounded.abs().mean();
}

// The columns in which the row -y is the conjugate of the row y.
std::vector<std::int64_t> columns_of_pairs(std::int64_t width) {
  return width % 2 == 0 ? std::vector<std::int64_t>{0, width / 2} : std::vector<std::int64_t>{0};
}

// How many rows of such a column are free: 1 to this number. Row 0, and the middle row of an even height, are
// their own conjugates; all others follow.
std::int64_t free_rows(std::int64_t height) {
  return (height - 1) / 2;
}

}  // namespace

FixedSpectrum::FixedSpectrum(const at::Tensor& picture, const at::Tensor& base, const AscentOptions& options)
    : code_(picture.size(1), picture.size(2), picture.device()),
      height_(picture.size(1)),
      width_(picture.size(2)),
      rate_(options.step * kRate),
      uses_adam_(options.optimizer == Optimizer::adam) {
  const at::Tensor own = code_.encode(base);
  mean_phase_ = at::angle(constant_wave(own)).contiguous();
  strengths_ = own.abs();
  if (!options.regularise.keep_start) {
    const at::Tensor mean = constant_wave(strengths_).clone();
    strengths_ = strengths_of_photographs(height_, width_).to(picture.device());
    constant_wave(strengths_).copy_(mean);
  }
  // Waves that only this octave has are faint in a picture that grew from a coarser one. What they have comes
  // from scaling up, mostly at the border, and would be shown at full strength. The start gives their phases.
  const at::Tensor shown = code_.encode(picture);
  take(at::where(shown.abs() < strengths_ * kFaint, at::angle(own), at::angle(shown)));
}

void FixedSpectrum::step(const at::Tensor& direction, double size) {
  at::Tensor along = slope(direction / size);
  along = uses_adam_ ? adam_.direction(along) : evened(along);
  turn((along * rate_).clamp_(-kMostTurn, kMostTurn));
}

void FixedSpectrum::replace(const at::Tensor& picture) {
  take(at::angle(code_.encode(picture)));
}

void FixedSpectrum::take(const at::Tensor& phases) {
  phases_ = phases.contiguous();
  constant_wave(phases_).copy_(mean_phase_);
  show();
}

at::Tensor FixedSpectrum::slope(const at::Tensor& gradient) const {
  at::Tensor slope =
      at::imag(code_.pull_back(gradient, picture_) * at::conj(spectrum_)).clone(at::MemoryFormat::Contiguous);
  const auto rows = free_rows(height_);
  for (const auto column : columns_of_pairs(width_)) {
    const at::Tensor pairs = slope.select(2, column);
    pairs.narrow(1, 1, rows).mul_(2);  // the lower row follows, so the wave counts twice
    pairs.select(1, 0).zero_();
    pairs.narrow(1, 1 + rows, height_ - 1 - rows).zero_();
  }
  return slope;
}

void FixedSpectrum::turn(const at::Tensor& angles) {
  const at::Tensor turned = phases_ + angles;
  const auto rows = free_rows(height_);
  for (const auto column : columns_of_pairs(width_)) {
    const at::Tensor before = phases_.select(2, column), pairs = turned.select(2, column);
    pairs.select(1, 0).copy_(before.select(1, 0));
    const auto follow = height_ - 1 - rows;  // with an even height, the middle row is the first of them
    pairs.narrow(1, 1 + rows, follow).copy_(before.narrow(1, 1 + rows, follow));
  }
  phases_ = turned;
  show();
}

void FixedSpectrum::show() {
  const auto rows = free_rows(height_);
  for (const auto column : columns_of_pairs(width_)) {
    const at::Tensor pairs = phases_.select(2, column);
    pairs.narrow(1, height_ - rows, rows).copy_(pairs.narrow(1, 1, rows).flip({1}).neg());
  }
  spectrum_ = at::polar(strengths_, phases_);
  picture_ = code_.decode(spectrum_);
}

}  // namespace dreamreel::dream
