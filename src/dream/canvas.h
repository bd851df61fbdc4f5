// The variables that the optimiser moves, the picture or its spectrum, and how it moves them.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

/// One octave's picture while the ascent climbs.
class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual const at::Tensor& picture() const = 0;  ///< (3,H,W) float32 [0,1]
  /// Takes one step along `direction`, (3,H,W), whose values have about this size (> 0).
  virtual void step(const at::Tensor& direction, double size) = 0;
  virtual void replace(const at::Tensor& picture) = 0;
};

/// A canvas that shows `picture`. `base` is the octave's start without the detail of coarser octaves, of the
/// same shape: Parameterization::spectrum holds its waves.
std::unique_ptr<Canvas> make_canvas(const at::Tensor& picture, const at::Tensor& base,
                                    const AscentOptions& options);

/// Adam's direction, m / (sqrt(v) + 1e-8), whose values have a size of about 1. m and v are corrected for
/// their start at 0.
class Adam {
 public:
  at::Tensor direction(const at::Tensor& gradient);

 private:
  at::Tensor first_, second_;
  double first_left_ = 1, second_left_ = 1;  // beta^t
};

/// Converts a picture to its spectrum z, complex64 (3,H,W/2+1), and back. Also converts the gradient. The
/// picture is pressed into [0.001, 0.999], because a sigmoid never reaches 0 and 1.
class FourierCode {
 public:
  FourierCode(std::int64_t height, std::int64_t width, const at::Device& device);
  at::Tensor encode(const at::Tensor& picture) const;
  at::Tensor decode(const at::Tensor& spectrum) const;
  /// The gradient to z, from the gradient to the picture. `picture` is the result of decode().
  at::Tensor pull_back(const at::Tensor& gradient, const at::Tensor& picture) const;
  at::Tensor scale() const { return scale_; }

 private:
  std::int64_t height_, width_;
  at::Tensor scale_, colours_, inverse_colours_, multiplicity_;
};

}  // namespace dreamreel::dream
