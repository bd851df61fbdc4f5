// How a network that takes pictures of one size (Network::only_size()) sees another: through windows, which
// overlap by an eighth and lie elsewhere in every step. Each window is a picture of its own to the
// objectives: its terms are means over its own positions, a head without positions judges each window, style
// and diversity compare within one. The gradients of neighbours are faded into each other where they overlap,
// so that no border shows.
//
// A picture smaller than the network's is seen enlarged. Windows are passed one by one, so the memory of a
// pass does not grow with the picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/dream/objective.h"
#include "tiles.h"

namespace dreamreel::dream {

/// Windows that cover a picture. `down` and `right`, in [0,1), say how far they are moved, as a share of the
/// distance between neighbours; those that would lie across the picture's border are moved to it.
Tiling place_windows(const network::PictureSize& seen, std::int64_t height, std::int64_t width, double down,
                     double right);

/// How much of the gradient at each pixel comes from each window along an axis of `length` px: float32
/// (size), from 0 to 1, for each span. They add up to 1 everywhere.
std::vector<at::Tensor> shares_of(const std::vector<Span>& spans, std::int64_t length);

/// Of one network's objectives, all with a weight. `tiling`: by place_windows(). Content is compared with
/// Objective::picture, not with a target.
Gradient windowed_gradient(const network::Network& network, const at::Tensor& picture,
                           const std::vector<Objective>& objectives, const Tiling& tiling);

/// A layer's activations, one row a position, (P,C), of a whole picture or of all windows on it. `picture`:
/// (3,H,W).
at::Tensor rows_at(const network::Network& network, std::size_t layer, const at::Tensor& picture);

}  // namespace dreamreel::dream
