// Inner loops of activation functions and their gradients. The rules of fused_rows.h apply.
#pragma once

#include "fused_rows.h"

namespace dreamreel::network::rows {

/// y <- x > 0 ? x : slope * x.
template <typename T>
void leaky_relu(T* y, const T* x, int64_t count, float slope);

/// y <- min(max(slope * x + shift, 0), 1) for the first `channels` numbers of each cell; 0 for the numbers
/// that pad the cell.
template <typename T>
void hard_sigmoid(T* y, const T* x, int64_t cells, int64_t inner, int64_t channels, float slope, float shift);

/// y <- x * min(max(x / 6 + 1/2, 0), 1) (Howard et al. 2019).
template <typename T>
void hard_swish(T* y, const T* x, int64_t count);

/// The gradient of leaky_relu(), in place, computed from the result y. `slope` must be above 0.
template <typename T>
void leaky_relu_gradient(T* g, const T* y, int64_t count, float slope);

/// The gradient of hard_sigmoid(), in place, computed from the result y.
template <typename T>
void hard_sigmoid_gradient(T* g, const T* y, int64_t count, float slope);

/// The gradient of hard_swish(), in place, computed from the argument x.
template <typename T>
void hard_swish_gradient(T* g, const T* x, int64_t count);

}  // namespace dreamreel::network::rows
