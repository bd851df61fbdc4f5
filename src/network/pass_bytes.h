// How much memory a forward and a backward pass take.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <vector>

#include "program.h"
#include "shapes.h"

namespace dreamreel::network {

struct PassSize {
  std::vector<std::int64_t> input;  ///< sizes of the input
  std::vector<bool> needed;         ///< of the wanted values; empty: all
  at::ScalarType type;              ///< of the network
};

/// What autograd keeps for the backward pass, and the largest gradients besides. `shapes`: for this input.
std::int64_t maps_bytes(const Program& program, const Shapes& shapes, const PassSize& size);

/// The needed values as tensors of their own, with their cotangents, and what an objective makes of one at a time.
std::int64_t activation_bytes(const Program& program, const Shapes& shapes, const PassSize& size);

/// The picture as it comes in and as the network takes it, and its gradient.
std::int64_t picture_bytes(const PassSize& size);

}  // namespace dreamreel::network
