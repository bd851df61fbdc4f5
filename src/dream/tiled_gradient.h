// evaluate() in tiles: the same value and gradient, except for the influence of pixels beyond the halo.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include "dreamreel/dream/objective.h"
#include "tiles.h"

namespace dreamreel::dream {

/// The gradient of one network's objectives, all of which have a weight.
Gradient tiled_gradient(const network::Network& network, const at::Tensor& picture,
                        const std::vector<Objective>& objectives, const Tiling& tiling);

}  // namespace dreamreel::dream
