// What happens to a gradient before the step. Everything here is linear or a scaling, on (3,H,W) float32.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

at::Tensor shaped(at::Tensor gradient, const Shaping& shaping);

/// Splits into `bands` levels (band-passes and what is left), divides each by its RMS and adds them up again. Fewer
/// levels where the picture runs out of pixels.
at::Tensor laplacian_normalised(const at::Tensor& gradient, int bands);

/// The mean of three Gaussian blurs.
at::Tensor smoothed(const at::Tensor& gradient, double sigma_px);

/// The matrix M of Parameterization::fourier, (3,3) float32: columns are colour directions, RGB down.
at::Tensor colour_directions();

}  // namespace dreamreel::dream
