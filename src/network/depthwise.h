// The gradient of depthwise convolutions: each channel by itself. It passes the activations on both of its
// sides in one go, which oneDNN's cannot.
#pragma once

#include "fused_convolution.h"

namespace dreamreel::network {

/// Whether this is a convolution of each channel by itself, on maps that the kernels here take.
bool suits_depthwise(const ConvolutionShape& shape);

/// Whether the gradient passes an activation of this kind on either side: GradientMasks::from and ::to.
bool passes_in_depthwise(Epilogue::Kind kind);

/// From weights (C,1,kh,kw) to float32 in the order in which they are read: [block of
/// channels][row][column][channel of the block], 0 past the last channel.
at::Tensor depthwise_weights(const at::Tensor& weight);

/// `weights`: depthwise_weights(). `accumulate`: results are added to what is there.
std::unique_ptr<Convolution> make_depthwise_gradient(const ConvolutionShape& shape, at::Tensor weights,
                                                     bool accumulate);

}  // namespace dreamreel::network
