// The penalties and blurs that keep the picture calm; see Regularisers.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

struct Penalty {
  double value = 0;
  at::Tensor gradient;  ///< of `value`, with the picture's shape and type
};

/// sum |D x|^beta over (C,H,W), with beta 1 or 2. D x = (x right - x, x below - x), and 0 beyond the edge.
/// For beta 1 the norm is sqrt(dx^2 + dy^2 + e^2) - e with e = 1/255, so that flat areas have a derivative.
Penalty total_variation(const at::Tensor& picture, int beta);

/// 1/2 sum (x - 1/2)^2.
Penalty distance_from_grey(const at::Tensor& picture);

bool has_penalties(const Regularisers& regularise);
/// Subtracts the penalties' gradients from `direction`, in place.
void hold_back(at::Tensor& direction, const at::Tensor& picture, const Regularisers& regularise);

/// Blurs and clips after iteration `iteration` of `iterations`. `base` is the octave's base picture. Returns
/// whether the picture changed.
bool tidy(at::Tensor& picture, const at::Tensor& base, const Regularisers& regularise, int iteration,
          int iterations);

}  // namespace dreamreel::dream
