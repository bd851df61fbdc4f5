// What the ascent climbs, and the gradient of it with respect to the picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::dream {

/// A term to climb: weight * 1/2 mean(a^2) over the activations a of one layer (the "energy" of the 2015
/// notebook).
struct Objective {
  std::size_t layer = 0;  ///< index into Network::layers()
  double weight = 1;      ///< negative: the layer is calmed
};

struct Gradient {
  double value = 0;     ///< of the whole objective
  at::Tensor gradient;  ///< same shape and type as the picture, times `scale`
  /// The gradient is multiplied by this positive number, chosen so that half precision neither over- nor
  /// underflows; the ascent does not need it, because it normalises.
  double scale = 1;
};

/// Value and gradient at `picture`, (1,3,H,W), float32 (float64 for a float64 network) on the network's
/// device. Sums are accumulated in float32 (float64). Throws std::invalid_argument if there is no objective
/// or a layer index is wrong.
Gradient evaluate(const network::Network& network, const at::Tensor& picture,
                  const std::vector<Objective>& objectives);

}  // namespace dreamreel::dream
