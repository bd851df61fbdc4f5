// How far a node reads its inputs around a position, from the graph alone (receptive_field.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph.h"
#include "sliding_window.h"

namespace dreamreel::network {

inline constexpr std::size_t kPictureAxes = 2;  ///< height and width

/// How a node reads its inputs.
enum class Reach {
  pointwise,    ///< each position sees the same position of each input
  channelwise,  ///< likewise if it works along the axis of the channels; else `all`
  window,
  transposed,  ///< the inverse of a window: each position makes a window
  pad,
  turn_last,   ///< (N,H,W,C) from (N,C,H,W)
  turn_first,  ///< (N,C,H,W) from (N,H,W,C)
  all,         ///< any other way; it may see the whole picture
};

/// The facts about a node by which receptive fields grow. It copies all that it needs, without weights.
struct NodeReach {
  Reach reach = Reach::all;
  std::string label;
  std::vector<ValueId> inputs, outputs;  ///< inputs: without constants
  std::optional<SlidingWindow> window;
  std::int64_t in_channels = 0, out_channels = 0;  ///< of a convolution without groups
  Sizes kernel, more;                              ///< more: output_padding of a transposed convolution
  std::array<std::int64_t, kPictureAxes> pad_before{0, 0};
  std::int64_t axis = 0;  ///< for `channelwise`
  /// Whether the constants are the same at every position, in (N,C,H,W) and in (N,H,W,C).
  bool fits_first = true, fits_last = true;
};

NodeReach reach_of(const Graph& graph, const Node& node);

}  // namespace dreamreel::network
