// Targets of guide, style, content and direction objectives. They are computed once, content targets once a
// frame. Every function here runs one forward pass for each picture, without autograd. All of them throw
// std::invalid_argument for a layer that the network does not have, and the errors of Network::forward().
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dreamreel/core/choices.h"
#include "dreamreel/network/network.h"

namespace dreamreel::dream {

using Match = GuideMatch;

/// A guide with more positions is thinned out evenly, because the search costs P x G x C multiplications a
/// step.
inline constexpr std::int64_t kMaxGuidePositions = 1024;

/// The columns that a guide objective chooses from, (C,G) in the network's type. `pictures`, here and below:
/// at least one, (3,H,W) float32 in [0,1] on the network's device. Throws std::invalid_argument for none.
at::Tensor guide_target(const network::Network& network, std::size_t layer,
                        const std::vector<at::Tensor>& pictures, Match match);

/// The mean of the pictures' Gram matrices sum_p a_p a_p^T / P: (C,C) float32 (float64 for a float64
/// network).
at::Tensor style_target(const network::Network& network, std::size_t layer,
                        const std::vector<at::Tensor>& pictures);

/// The layer's activation at `picture`, (1,C,h,w).
at::Tensor content_target(const network::Network& network, std::size_t layer, const at::Tensor& picture);

/// `vector` scaled to unit length, as the only column: (C,1) in the network's type. Throws
/// std::invalid_argument unless `vector` has one number for each channel and not all of them are 0.
at::Tensor direction_target(const network::Network& network, std::size_t layer,
                            const std::vector<double>& vector);

/// How many channels a layer has. Runs a pass on the smallest picture that the network takes.
std::int64_t channels_of(const network::Network& network, std::size_t layer);

}  // namespace dreamreel::dream
