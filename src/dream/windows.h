// How a network for one size only (Network::only_size()) sees a picture of another size: through windows,
// which overlap by an eighth and move in every step. To the objectives each window is a picture of its own.
// Terms are means over the window's positions, a head without positions judges each window, and style and
// diversity compare within one window. Where windows overlap, their gradients are cross-faded, so that no
// border shows.
//
// A picture smaller than the network's size is enlarged. Windows pass one by one, so the memory of a pass
// does not grow with the picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/dream/objective.h"
#include "tiles.h"

namespace dreamreel::dream {

/// Windows that cover a picture. `down` and `right`, in [0,1), say how far they are moved, as a share of the
/// distance between neighbours. A window that would cross the picture's border is moved to the border.
Tiling place_windows(const network::PictureSize& seen, std::int64_t height, std::int64_t width, double down,
                     double right);

/// The share of each window in the gradient at each pixel, along an axis of `length` px. One tensor for each
/// span: float32 (size), from 0 to 1. The shares of a pixel add up to 1.
std::vector<at::Tensor> shares_of(const std::vector<Span>& spans, std::int64_t length);

/// The gradient of one network's objectives, all of which have a weight. `tiling` comes from place_windows().
/// Content is compared with Objective::picture instead of a target.
Gradient windowed_gradient(const network::Network& network, const at::Tensor& picture,
                           const std::vector<Objective>& objectives, const Tiling& tiling);

/// A layer's activations with one row for each position, (P,C), of the whole picture or of all windows on it.
/// `picture`: (3,H,W).
at::Tensor rows_at(const network::Network& network, std::size_t layer, const at::Tensor& picture);

}  // namespace dreamreel::dream
