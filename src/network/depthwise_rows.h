// The inner loops of the gradient of depthwise convolutions, for rows of one block of channels. The rules of
// fused_rows.h apply.
//
// MobileNets (Howard et al. 2017, Sandler et al. 2018) have an activation before and after every depthwise
// convolution. These loops also pass both activations, because separate loops would read and write the maps
// again.
#pragma once

#include "fused_rows.h"

namespace dreamreel::network::rows {

/// Passes a gradient only where the result y of a ReLU or a clip is strictly between its limits.
struct Gate {
  const void* y = nullptr;  ///< a map with the gradient's layout; nullptr passes everything
  float low = 0, high = 0;  ///< both the same if the activation has one limit
};

struct DepthwiseGradient {
  Axis rows, columns;              ///< of the forward pass; `in` counts positions of gx, `out` of gy
  const float* weights = nullptr;  ///< [row of the window][column][channel] of this block
  bool accumulate = false;         ///< adds to gx, before `to` is applied
};

/// How many numbers of `scratch` depthwise_gradient() needs.
int64_t depthwise_scratch(const DepthwiseGradient& gradient);

/// Computes rows [begin, end) of gx. `from` is applied to gy first; `to` is applied to gx last. All pointers,
/// also in the gates, point to this block of channels. `scratch` is aligned to 64 bytes.
template <typename T>
void depthwise_gradient(const DepthwiseGradient& gradient, int64_t begin, int64_t end, const T* gy,
                        const Gate& from, T* gx, const Gate& to, float* scratch);

}  // namespace dreamreel::network::rows
