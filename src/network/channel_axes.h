// Finds the dimension of a value that holds its channels. Convolutions have channels in dimension 1.
// Transformers turn maps into rows of tokens, (N,T,C), or keep the channels last, (N,H,W,C).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "graph.h"
#include "shapes.h"

namespace dreamreel::network {

/// The channel dimension of each value; 1 where nothing tells. `shapes` are for one picture; they tell the
/// effect of each reshape.
std::vector<std::int64_t> find_channel_axes(const Graph& graph, const Shapes& shapes);

/// The numbers of channels and positions of a value; see as_map().
struct MapSizes {
  std::int64_t channels = 0, height = 1, width = 1;
  std::int64_t skipped = 0;  ///< leading tokens that belong to no position (class tokens)
  bool is_grid = false;      ///< height and width are directions in the picture
};
/// `height` and `width` are the pictures'.
MapSizes map_sizes(at::IntArrayRef sizes, std::int64_t axis, std::int64_t batch, std::int64_t height,
                   std::int64_t width);

/// Arranges a value as a map, (N,C,h,w). A value without positions becomes (N,C,1,1). Tokens are arranged in
/// the grid that they were cut from, without the leading tokens that belong to no position. Other values
/// become (N,C,T,1): tokens that form no grid, maps with more dimensions, and values that were moved into the
/// first dimension (windows, heads).
at::Tensor as_map(const at::Tensor& value, std::int64_t axis, std::int64_t batch, std::int64_t height,
                  std::int64_t width);

}  // namespace dreamreel::network
