// evaluate() in tiles: the same value and gradient, except for the influence of pixels beyond the halo.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include "dreamreel/dream/objective.h"
#include "tiles.h"

namespace dreamreel::dream {

/// The start of a backward pass: one cotangent for each layer that has a term.
struct Cotangents {
  std::vector<std::size_t> layers;
  std::vector<at::Tensor> tensors;

  void add(std::size_t layer, at::Tensor cotangent);
  /// The gradient to `leaf`. `activations` of all layers were computed from it.
  at::Tensor pull_back(const std::vector<at::Tensor>& activations, const at::Tensor& leaf) const;
};

/// As the public function. `tilings` has one entry for each network, or is empty for no tiles.
Gradient evaluate(const Networks& networks, const at::Tensor& picture,
                  const std::vector<Objective>& objectives, const Tilings& tilings);

/// The gradient of one network's objectives, all of which have a weight.
Gradient tiled_gradient(const network::Network& network, const at::Tensor& picture,
                        const std::vector<Objective>& objectives, const Tiling& tiling);

}  // namespace dreamreel::dream
