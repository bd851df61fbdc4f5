// The gradient of depthwise convolutions, which treat each channel alone. In the same loops it also passes
// the activations before and after the convolution, which oneDNN cannot.
#pragma once

#include "fused_convolution.h"

namespace dreamreel::network {

/// Whether the convolution treats each channel alone, on maps that the kernels here accept.
bool suits_depthwise(const ConvolutionShape& shape);

/// Whether the gradient can pass an activation of this kind on either side: GradientMasks::from and ::to.
bool passes_in_depthwise(Epilogue::Kind kind);

/// Converts weights (C,1,kh,kw) to float32 in the order in which the loops read them: [block of
/// channels][row][column][channel in the block]. Numbers past the last channel are 0.
at::Tensor depthwise_weights(const at::Tensor& weight);

/// `weights` come from depthwise_weights(). With `accumulate`, results are added to the numbers already
/// there.
std::unique_ptr<Convolution> make_depthwise_gradient(const ConvolutionShape& shape, at::Tensor weights,
                                                     bool accumulate);

}  // namespace dreamreel::network
