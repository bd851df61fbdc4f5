// Layers by name: finding them, telling what is wrong with a name, and how their size follows from the
// picture's.
#pragma once

#include <string>
#include <vector>

#include "graph.h"

namespace dreamreel::network {

/// Where the picture goes in.
struct PictureInput {
  ValueId value = kNoValue;
  bool channels_last = false;       ///< (N,H,W,3), as TensorFlow's exports have it, instead of (N,3,H,W)
  std::int64_t declared_side = 0;   ///< height that the file declares; 0 if open
  std::int64_t declared_width = 0;  ///< likewise
  std::vector<std::int64_t> sizes(std::int64_t height, std::int64_t width) const;  ///< for one picture
  std::vector<std::int64_t> sizes(std::int64_t side) const { return sizes(side, side); }
};

/// The graph's only input. Throws InputError if there are more, or it takes no RGB pictures.
PictureInput find_picture_input(const Graph& graph);

/// Of a graph with several inputs, puts the one that looks most like a picture first.
void put_picture_first(Graph& graph);

/// The values that `names` (node names, or else tensor names) stand for. Throws JobError for a name that is
/// not there, with the closest, and for one that holds no activations.
std::vector<ValueId> find_layers(const Graph& graph, const std::vector<std::string>& names);

/// Throws UnavailableError if a node that `wanted` need is not supported, naming the deepest layers that can
/// be had.
void check_supported(const Graph& graph, const std::vector<ValueId>& wanted);

}  // namespace dreamreel::network
