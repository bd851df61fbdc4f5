// The variables that the optimiser moves, the picture or its spectrum, and how it moves them.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

inline constexpr double kLevels = 255;  ///< AscentOptions::step is given in 8-bit levels

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

}  // namespace dreamreel::dream
