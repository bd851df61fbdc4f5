// What the optimiser moves: the picture itself, or its spectrum; and how it is moved.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

/// One octave's picture while it is climbed.
class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual const at::Tensor& picture() const = 0;  ///< (3,H,W) float32 [0,1]
  /// One step along `direction`, (3,H,W), whose values are of about this size (> 0).
  virtual void step(const at::Tensor& direction, double size) = 0;
  virtual void replace(const at::Tensor& picture) = 0;
};

std::unique_ptr<Canvas> make_canvas(const at::Tensor& picture, const AscentOptions& options);

/// Adam's direction, of a size of about 1: m / (sqrt(v) + 1e-8), both corrected for their start at 0.
class Adam {
 public:
  at::Tensor direction(const at::Tensor& gradient);

 private:
  at::Tensor first_, second_;
  double first_left_ = 1, second_left_ = 1;  // beta^t
};

/// The spectrum z of a picture and back, and the gradient to z, complex64 (3,H,W/2+1). The picture is pressed into
/// [0.001, 0.999], because a sigmoid reaches 0 and 1 nowhere.
class FourierCode {
 public:
  FourierCode(std::int64_t height, std::int64_t width, const at::Device& device);
  at::Tensor encode(const at::Tensor& picture) const;
  at::Tensor decode(const at::Tensor& spectrum) const;
  /// `picture` is what decode() gave.
  at::Tensor pull_back(const at::Tensor& gradient, const at::Tensor& picture) const;
  at::Tensor scale() const { return scale_; }

 private:
  std::int64_t height_, width_;
  at::Tensor scale_, colours_, inverse_colours_, multiplicity_;
};

}  // namespace dreamreel::dream
