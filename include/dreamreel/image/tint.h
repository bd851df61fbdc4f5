// Colour laid over parts of a picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>

namespace dreamreel::image {

using Rgb = std::array<double, 3>;

/// Lays a colour over a picture (3,H,W). `where` (1,H,W) in [0,1] says how much of it each place gets;
/// `strength` is how much it covers where that is 1.
void tint(at::Tensor& picture, const Rgb& colour, const at::Tensor& where, double strength);

}  // namespace dreamreel::image
