// The memory that a forward and a backward pass take, in bytes.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <vector>

#include "program.h"
#include "shapes.h"

namespace dreamreel::network {

struct PassSize {
  std::vector<std::int64_t> input;  ///< sizes of the input
  std::vector<bool> needed;         ///< one for each wanted value; empty: all
  at::ScalarType type;              ///< the network's type
};

/// The maps that autograd keeps for the backward pass, and the largest gradients. `shapes` are for this
/// input.
std::int64_t maps_bytes(const Program& program, const Shapes& shapes, const PassSize& size);

/// The needed values as tensors of their own, their gradients, and an objective's intermediate results for
/// one of them.
std::int64_t activation_bytes(const Program& program, const Shapes& shapes, const PassSize& size);

/// The picture as it comes in, as the network takes it, and its gradient.
std::int64_t picture_bytes(const PassSize& size);

}  // namespace dreamreel::network
