// The canvas of Parameterization::spectrum: a picture made of waves whose strengths are held, while their
// phases move.
#pragma once

#include <ATen/core/Tensor.h>

#include "canvas.h"
#include "dreamreel/dream/adam.h"
#include "dreamreel/dream/fourier_code.h"

namespace dreamreel::dream {

/// z = strength * exp(i phase), with z as in FourierCode. Every picture that it gives has these strengths.
///
/// Half of the spectrum stands for the whole, because a picture is real: the wave (-y,-x) is the conjugate of
/// the wave (y,x). In the first column, and in the last of an even width, both waves of such a pair lie in
/// this half. There the phases of the upper rows are free, and the lower rows follow. A wave that is its own
/// conjugate is real; its phase, 0 or pi, stays. The constant wave is one of them, so the mean colour stays.
class FixedSpectrum : public Canvas {
 public:
  /// Takes the phases from `picture`, (3,H,W) float32 [0,1], where its waves are strong enough to have some,
  /// and else from `base`, of the same shape and device. The mean colour and the strengths are those of
  /// `base`. With a start of noise (Regularisers::keep_start is false), the strengths are those of
  /// photographs.
  FixedSpectrum(const at::Tensor& picture, const at::Tensor& base, const AscentOptions& options);

  const at::Tensor& picture() const override { return picture_; }
  void step(const at::Tensor& direction, double size) override;
  /// Takes only the phases of `picture`.
  void replace(const at::Tensor& picture) override;

  /// (3,H,W/2+1) float32, those of the constant wave among them.
  const at::Tensor& strengths() const { return strengths_; }
  /// The derivative of sum(gradient * picture()) by the free phases, (3,H,W/2+1); 0 for all other phases.
  at::Tensor slope(const at::Tensor& gradient) const;
  /// Adds angles in radians, (3,H,W/2+1), to the free phases.
  void turn(const at::Tensor& angles);

 private:
  void take(const at::Tensor& phases);
  void show();

  const FourierCode code_;
  const std::int64_t height_, width_;
  at::Tensor strengths_, mean_phase_;       // mean_phase_: (3), of the constant wave
  at::Tensor phases_, spectrum_, picture_;  // phases_: radians
  const double rate_;
  const bool uses_adam_;
  Adam adam_;
};

}  // namespace dreamreel::dream
