// Activation functions of whole maps, for activations that no convolution has applied to its own result. Also
// their gradients.
#pragma once

#include "fused_convolution.h"

namespace dreamreel::network {

/// y <- activation(x). y and x may be the same map.
void activate(const MapView& y, const MapView& x, const Epilogue& activation);

/// The gradient of activate(), in place, computed from the result y.
void pass_activation(const MapView& g, const MapView& y, const Epilogue& activation);

/// y <- hard_swish(x).
void hard_swish(const MapView& y, const MapView& x);
/// The gradient of hard_swish(), in place, computed from the argument x. The result y would not do, because
/// two arguments give the same y.
void hard_swish_gradient(const MapView& g, const MapView& x);

}  // namespace dreamreel::network
