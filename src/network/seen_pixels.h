// Which pixels the positions of a value see, and how a node changes that: strides multiply, windows add up
// (receptive_field.h).
#pragma once

#include <c10/core/ScalarType.h>

#include <array>
#include <optional>
#include <string>

#include "dreamreel/network/network.h"
#include "node_reach.h"

namespace dreamreel::network {

/// For one value: the pixels that a position sees along each axis, [p * stride - before, p * stride + after].
struct SeenPixels {
  std::array<AxisField, kPictureAxes> axes;
  bool channels_last = false;
  std::string blocker;  ///< see LayerField

  std::size_t dim(std::size_t axis) const { return axis + (channels_last ? 1 : 2); }
};

/// What a position of the node's result sees, if the positions of one input see `seen`. `sizes`: the input's,
/// of four dimensions. `by_winograd`: as in ReceptiveFields::find().
SeenPixels seen_through(const NodeReach& node, const SeenPixels& seen, const Sizes& sizes,
                        std::optional<at::ScalarType> by_winograd);

/// Joins the fields of two inputs, for a sum or a concatenation. `label`: of the node.
void join_seen(SeenPixels& seen, const SeenPixels& other, const std::string& label);

}  // namespace dreamreel::network
