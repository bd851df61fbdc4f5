// How a picture is cut into tiles for passes of one network, so that a pass of any picture takes bounded
// memory.
//
// A tile is a window of the picture around a core; the cores share the picture out. There are two ways to put
// the gradients of tiles together, by how far the windows reach past their cores:
//
// - Exactly: by twice the largest radius of the layers' receptive fields (and what kernels of several positions add to it,
//   AxisField::spread), so that all that pulls at a pixel of the core
//   is in the window, and all that it sees too. Every position of the window counts, and what the gradient is in the core
//   is kept. It is the untiled gradient, to the last bit where a position's sums do not depend on the size of the map, as
//   in the fused executor.
// - By sums, where windows like that would not fit or cost too much: each position counts in one tile, the one in whose
//   core the middle of its receptive field lies, and the gradients of the whole windows are added up where they lie. So
//   the windows need to reach only by one radius. The sums are rounded in another order.
//
// Shorter windows would do for the eye, but a step is divided by the mean of the whole gradient, and the
// ascent makes much of little.
// docs/engineering/tiles-and-precision.md says what windows of 160 px change against windows of 272 px.
//
// Windows end with the picture, so its own border is what it is without tiles. They begin at multiples of all
// layers' AxisField::period (exact ones of AxisField::alignment), and their sizes differ from the picture's
// by such multiples: then the maps of every layer line up with those of the whole picture, whatever the
// network pads and rounds.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <utility>
#include <vector>

#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

/// A tile along one axis, px.
struct Span {
  std::int64_t begin = 0, end = 0;      ///< the window
  double core_begin = 0, core_end = 0;  ///< half-open; infinite at the picture's border
  std::int64_t size() const { return end - begin; }
};

/// Positions of a layer within a tile, along one axis.
struct Positions {
  std::int64_t begin = 0, count = 0;  ///< in the whole picture's map
  std::int64_t offset = 0;            ///< of the first one in the tile's own map
};
/// Those whose receptive field's middle lies in the core.
Positions core_positions(const network::AxisField& field, const Span& span);
/// All of the window's map. `length`: of the picture.
Positions window_positions(const network::AxisField& field, const Span& span, std::int64_t length);
/// The pixels of the core, as begin and end.
std::pair<std::int64_t, std::int64_t> core_pixels(const Span& span);

/// Of one network. Without tiles there is one, the picture.
struct Tiling {
  std::vector<Span> rows, columns;
  std::vector<network::LayerField>
      fields;              ///< of Network::layers() on the whole picture; empty without tiles
  bool is_exact = false;   ///< see above
  std::int64_t halo = 0;   ///< px that windows reach past their cores
  std::int64_t slack = 0;  ///< px that the borders between cores may move to either side
  /// Of a network that takes pictures of one size: that size, and rows and columns are windows; see windows.h.
  std::optional<network::PictureSize> seen{};
  bool is_whole() const { return !seen && rows.size() * columns.size() <= 1; }
};
using Tilings = std::vector<Tiling>;  ///< one for each network

inline constexpr double kMostExactCost = 2;

/// The tiling with the fewest pixels for passes of at most `limit.bytes`, all objectives with a weight at
/// once: exact if there is one of no more than kMostExactCost times the picture's, else by sums. Throws
/// TooLittleMemory. `slack` as above, of a tiling by sums.
Tilings plan_tiles(const Networks& networks, const std::vector<Objective>& objectives, std::int64_t height,
                   std::int64_t width, const PassLimit& limit, std::int64_t slack);

/// Which of the layers of network number `index` objectives with a weight ask for.
std::vector<bool> layers_with_weight(const network::Network& network, std::size_t index,
                                     const std::vector<Objective>& objectives);

/// The tiling with the borders between cores moved by as many px.
Tiling moved(Tiling tiling, std::int64_t down, std::int64_t right);

/// The distance between windows' places, px: of windows that round as the whole picture does, and of others.
std::int64_t alignment(const std::vector<network::LayerField>& fields);
std::int64_t common_period(const std::vector<network::LayerField>& fields);

/// The spans along an axis, or none if that many do not fit. Every position whose middle lies in a core has
/// `reach` px of its window on either side, unless the picture ends there.
std::vector<Span> spans(std::int64_t length, std::int64_t count, std::int64_t reach, std::int64_t stride,
                        std::int64_t min_side);

/// A layer's map of the whole picture, (1,C,h,w), put together of the cores' maps. `picture`: (3,H,W).
at::Tensor activation_of(const network::Network& network, std::size_t layer, const at::Tensor& picture,
                         const Tiling& tiling);

}  // namespace dreamreel::dream
