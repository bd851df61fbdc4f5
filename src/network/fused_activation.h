// Activation functions of whole maps, where no convolution has done them as it stored its result, and their
// gradients.
#pragma once

#include "fused_convolution.h"

namespace dreamreel::network {

/// y <- activation(x). In place where both are one.
void activate(const MapView& y, const MapView& x, const Epilogue& activation);

/// The gradient of that in place, from its result y.
void pass_activation(const MapView& g, const MapView& y, const Epilogue& activation);

/// y <- hard swish of x.
void hard_swish(const MapView& y, const MapView& x);
/// The gradient of that in place, from its argument x: two arguments have one result.
void hard_swish_gradient(const MapView& g, const MapView& x);

}  // namespace dreamreel::network
