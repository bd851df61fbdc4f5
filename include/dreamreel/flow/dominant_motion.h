// The motion that most of a frame shares: usually that of the camera. Rules of flow.h.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::flow {

/// The affine motion that fits most of `flow`, (2,H,W) float32 px; the result has the same shape. Pans, zooms
/// and turns of a camera are affine; the parallax between near and far things is not. The fit begins with the
/// motion whose median error is least (Rousseeuw 1984), among those through three random samples. It is then
/// a least-squares fit that is repeated with smaller weights for the samples that the last fit missed, with
/// Cauchy's weights (Holland, Welsch 1977). So things that move by themselves do not pull it along, if they
/// fill less than about half of the frame. The random samples are the same in every call.
at::Tensor dominant_motion(const at::Tensor& flow);

}  // namespace dreamreel::flow
