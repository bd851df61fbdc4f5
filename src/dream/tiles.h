// Splits a picture into tiles for the passes of one network, so that a pass of any picture takes bounded
// memory.
//
// A tile is a window of the picture around a core. The cores divide the picture between them. There are two
// ways to combine the gradients of tiles; they differ in how far windows reach beyond their cores:
//
// - Exactly. A window reaches beyond its core by twice the largest radius of the layers' receptive fields,
//   plus AxisField::spread for kernels that compute several positions at once. So the window contains all
//   positions that pull at a pixel of the core, and all pixels that they see. Every position of the window
//   counts, and only the core's gradient is kept. The result is the untiled gradient. It is equal to the last
//   bit if a position's sums do not depend on the size of the map, as in the fused executor.
// - By sums, if such windows would not fit or cost too much. Each position counts in one tile: the one whose
//   core contains the middle of its receptive field. The gradients of the whole windows are added up where
//   they lie. So windows need to reach by only one radius. The sums are rounded in another order.
//
// Shorter windows would be good enough for the eye. But a step is divided by the mean of the whole gradient,
// and the ascent amplifies small differences. docs/engineering/tiles-and-precision.md compares windows of 160
// px with windows of 272 px.
//
// Windows end where the picture ends, so the picture's border is treated as without tiles. Windows begin at
// multiples of all layers' AxisField::period; exact ones, of AxisField::alignment. Their sizes differ from
// the picture's by such multiples. So every layer's maps line up with the whole picture's, whatever the
// network pads and rounds.
#pragma once

#include <ATen/core/Tensor.h>

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

inline constexpr double kFar = std::numeric_limits<double>::infinity();

/// A tile along one axis, px.
struct Span {
  std::int64_t begin = 0, end = 0;      ///< the window
  double core_begin = 0, core_end = 0;  ///< half-open; -kFar and kFar at the picture's border
  std::int64_t size() const { return end - begin; }
};

/// Some of a layer's positions along one axis, in a tile.
struct Positions {
  std::int64_t begin = 0, count = 0;  ///< in the whole picture's map
  std::int64_t offset = 0;            ///< of the first one, in the tile's own map
};
/// The positions whose receptive field's middle lies in the core.
Positions core_positions(const network::AxisField& field, const Span& span);
/// All positions of the window's map. `length` is the picture's.
Positions window_positions(const network::AxisField& field, const Span& span, std::int64_t length);
/// The pixels of the core, as begin and end.
std::pair<std::int64_t, std::int64_t> core_pixels(const Span& span);

/// The tiles of one network. Without tiles there is one, the whole picture.
struct Tiling {
  std::vector<Span> rows, columns;
  /// The fields of Network::layers() on the whole picture; empty without tiles.
  std::vector<network::LayerField> fields;
  bool is_exact = false;   ///< see above
  std::int64_t halo = 0;   ///< px that windows reach beyond their cores
  std::int64_t slack = 0;  ///< px that the borders between cores may move to either side
  /// For a network for one size only: that size. Then rows and columns are windows; see windows.h.
  std::optional<network::PictureSize> seen{};
  bool is_whole() const { return !seen && rows.size() * columns.size() <= 1; }
};
using Tilings = std::vector<Tiling>;  ///< one for each network

inline constexpr double kMostExactCost = 2;

/// Finds the tiling with the fewest pixels for passes of at most `limit.bytes`, with all objectives that have
/// a weight. Takes an exact one if it has at most kMostExactCost times the picture's pixels, else one by
/// sums. Throws TooLittleMemory. `slack` is Tiling::slack, for a tiling by sums.
Tilings plan_tiles(const Networks& networks, const std::vector<Objective>& objectives, std::int64_t height,
                   std::int64_t width, const PassLimit& limit, std::int64_t slack);

/// Which layers of network number `index` the objectives with a weight use.
std::vector<bool> layers_with_weight(const network::Network& network, std::size_t index,
                                     const std::vector<Objective>& objectives);

/// The tiling with the borders between its cores moved, px.
Tiling moved(Tiling tiling, std::int64_t down, std::int64_t right);

/// The grid for windows, px. With alignment(), windows are rounded as the whole picture is; with
/// common_period(), their maps only line up.
std::int64_t alignment(const std::vector<network::LayerField>& fields);
std::int64_t common_period(const std::vector<network::LayerField>& fields);

/// The spans along an axis; none if that many do not fit. Every position whose middle lies in a core has
/// `reach` px of its window on either side, unless the picture ends there.
std::vector<Span> spans(std::int64_t length, std::int64_t count, std::int64_t reach, std::int64_t stride,
                        std::int64_t min_side);

/// A layer's map of the whole picture, (1,C,h,w), assembled from the cores' maps. `picture`: (3,H,W).
at::Tensor activation_of(const network::Network& network, std::size_t layer, const at::Tensor& picture,
                         const Tiling& tiling);

}  // namespace dreamreel::dream
