// Where the channels of a value are. Convolutions have them in dimension 1; transformers turn maps into rows
// of tokens, (N,T,C), or keep the channels last, (N,H,W,C).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "graph.h"
#include "shapes.h"

namespace dreamreel::network {

/// For each value the dimension of its channels; 1 where nothing tells. `shapes`: of one picture, for what
/// reshapes do.
std::vector<std::int64_t> find_channel_axes(const Graph& graph, const Shapes& shapes);

/// How many channels and positions a value of these sizes has: see as_map().
struct MapSizes {
  std::int64_t channels = 0, height = 1, width = 1;
  std::int64_t skipped = 0;  ///< tokens in front that stand for no place (a class token)
  bool is_grid = false;      ///< height and width are the picture's directions
};
/// `height` and `width`: of the pictures.
MapSizes map_sizes(at::IntArrayRef sizes, std::int64_t axis, std::int64_t batch, std::int64_t height,
                   std::int64_t width);

/// A value as a map, (N,C,h,w). What has no positions is (N,C,1,1). Tokens become the grid that they were cut
/// from, without those in front that stand for no place; where they are no grid, (N,C,T,1), as are maps of
/// more dimensions, and what was moved into the first dimension (windows, heads).
at::Tensor as_map(const at::Tensor& value, std::int64_t axis, std::int64_t batch, std::int64_t height,
                  std::int64_t width);

}  // namespace dreamreel::network
