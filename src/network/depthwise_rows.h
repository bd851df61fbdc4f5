// The inner loops of the gradient of depthwise convolutions, rows of one block of channels, with
// the rules of fused_rows.h. The activations on both sides are passed within the same loops:
// MobileNets (Howard et al. 2017, Sandler et al. 2018) have one before and one behind every depthwise
// convolution, and each by itself would be another way through memory.
#pragma once

#include "fused_rows.h"

namespace dreamreel::network::rows {

/// Lets a gradient through where the result y of a ReLU or a clip is neither of its limits.
struct Gate {
  const void* y = nullptr;  ///< a map like the gradient, or nullptr: all passes
  float low = 0, high = 0;  ///< the same number twice where there is one limit
};

struct DepthwiseGradient {
  Axis rows, columns;              ///< of the forward pass; in: positions of gx, out: of gy
  const float* weights = nullptr;  ///< [row of the window][column][channel], of this block
  bool accumulate = false;         ///< gx is added to, before `to` is looked at
};

/// Numbers of `scratch` for depthwise_gradient().
int64_t depthwise_scratch(const DepthwiseGradient& gradient);

/// Rows [begin, end) of gx. `from`: what gy has to pass first; `to`: what gx has to pass. All pointers, the
/// gates' too, are those of this block of channels. `scratch` is aligned to 64 bytes.
template <typename T>
void depthwise_gradient(const DepthwiseGradient& gradient, int64_t begin, int64_t end, const T* gy,
                        const Gate& from, T* gx, const Gate& to, float* scratch);

}  // namespace dreamreel::network::rows
