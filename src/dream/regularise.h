// What holds the picture back; see Regularisers.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

struct Penalty {
  double value = 0;
  at::Tensor gradient;  ///< of `value`, shape and type of the picture
};

/// sum |D x|^beta over (C,H,W), D x = (x right - x, x below - x), 0 beyond the edge; beta 1 or 2. For beta 1 the norm is
/// sqrt(dx^2 + dy^2 + e^2) - e with e = 1/255, so that flat areas have a derivative.
Penalty total_variation(const at::Tensor& picture, int beta);

/// 1/2 sum (x - 1/2)^2.
Penalty distance_from_grey(const at::Tensor& picture);

bool has_penalties(const Regularisers& regularise);
/// Takes the penalties' gradients off `direction`, in place.
void hold_back(at::Tensor& direction, const at::Tensor& picture, const Regularisers& regularise);

/// Blur and clipping after iteration `iteration` of `iterations`. `base` is the octave's start. Returns whether the
/// picture changed.
bool tidy(at::Tensor& picture, const at::Tensor& base, const Regularisers& regularise, int iteration,
          int iterations);

}  // namespace dreamreel::dream
