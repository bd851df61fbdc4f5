// How far a flow can be trusted. Rules of flow.h.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/flow/flow.h"

namespace dreamreel::flow {

/// Where a flow cannot be trusted, and why: three maps (1,H,W) of 0 and 1, of which at most one is 1 at a
/// pixel. Not trusted is a pixel p where the two flows disagree, |b + f(p+b)|^2 > 0.01 (|b|^2 + |f|^2) +
/// 0.5, where p+b leaves the frame, or on a motion boundary, |grad b|^2 > 0.01 |b|^2 + 0.002. b =
/// prev_from_cur at p, f = cur_from_prev read bilinearly at p+b, gradients by central differences.
/// (Sundaram, Brox, Keutzer 2010; Ruder, Dosovitskiy, Brox 2016.)
struct Distrust {
  at::Tensor outside;    ///< p+b leaves the frame
  at::Tensor uncovered;  ///< else: no pixel of the previous frame lands at p along cur_from_prev
  at::Tensor edge;       ///< else
};
Distrust distrust(const FlowPair& flow);

/// How much each of the maps counts, 0 to 1.
struct DistrustWeights {
  double outside = 1, uncovered = 1, edge = 1;
};

/// M_t in [0,1], (1,H,W): 1 less the three maps by their weights, softened with a Gaussian of `soften_px`,
/// which reaches 3 soften_px across the boundary.
at::Tensor reliability(const Distrust& distrust, double soften_px = 1.0, const DistrustWeights& weights = {});
at::Tensor reliability(const FlowPair& flow, double soften_px = 1.0);

}  // namespace dreamreel::flow
