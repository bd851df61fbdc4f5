// Layers by name: finds them, tells what is wrong with a name, and tells how the picture enters the network.
#pragma once

#include <string>
#include <vector>

#include "graph.h"

namespace dreamreel::network {

/// The input that the picture enters.
struct PictureInput {
  ValueId value = kNoValue;
  bool channels_last = false;       ///< (N,H,W,3), as TensorFlow exports it, instead of (N,3,H,W)
  std::int64_t declared_side = 0;   ///< height that the file declares, px; 0 if open
  std::int64_t declared_width = 0;  ///< width, likewise
  std::vector<std::int64_t> sizes(std::int64_t height, std::int64_t width) const;  ///< for one picture
  std::vector<std::int64_t> sizes(std::int64_t side) const { return sizes(side, side); }
};

/// The input as a picture. The file may declare (N,3,H,W) or (N,H,W,3), completely or in part. Throws
/// InputError if it does not take RGB pictures.
PictureInput as_picture(const Graph& graph, const GraphInput& input);

/// The graph's only input. Throws InputError if there are more, or if it does not take RGB pictures.
PictureInput find_picture_input(const Graph& graph);

/// If a graph has several inputs, moves the one that looks most like a picture to the front.
void put_picture_first(Graph& graph);

/// The values that `names` stand for: names of nodes, or else of tensors. Throws JobError for a name that
/// does not exist (with the closest names) and for one that holds no activations.
std::vector<ValueId> find_layers(const Graph& graph, const std::vector<std::string>& names);

/// The value that a node's name stands for: its first output.
ValueId main_output(const Node& node);

/// For each node, whether it and all nodes that it depends on are supported. `reasons` is the result of
/// find_unsupported().
std::vector<bool> find_usable(const Graph& graph, const std::vector<std::string>& reasons);

/// For each node, whether its results are activations: numbers that follow from the picture's numbers.
std::vector<bool> find_activations(const Graph& graph);

/// Throws UnavailableError if a node that `wanted` depends on is not supported. The message names the deepest
/// layers that can be used instead.
void check_supported(const Graph& graph, const std::vector<ValueId>& wanted);

}  // namespace dreamreel::network
