// Shapes a gradient before the step. Everything here is linear or a scaling, on (3,H,W) float32.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

at::Tensor shaped(at::Tensor gradient, const Shaping& shaping);

/// Splits into `bands` levels (band-passes and the rest), divides each by its RMS and adds them up again.
/// Uses fewer levels if the picture is too small.
at::Tensor laplacian_normalised(const at::Tensor& gradient, int bands);

/// The mean of three Gaussian blurs, with half, once and twice `sigma_px`.
at::Tensor smoothed(const at::Tensor& gradient, double sigma_px);

/// The matrix M of Parameterization::fourier, (3,3) float32. Its columns are colour directions; its rows are
/// red, green, blue.
at::Tensor colour_directions();

}  // namespace dreamreel::dream
