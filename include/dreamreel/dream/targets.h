// What guide, style, content and direction objectives compare with: computed once, or once a frame for content.
// Everything here costs one forward pass a picture and is done without autograd.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::dream {

/// best: every position looks for its own match among all positions of the guide; mean: one for all, their mean.
enum class Match { best, mean };

/// A guide with more positions than this is thinned out evenly: the search costs P x G x C multiplications a step.
inline constexpr std::int64_t kMaxGuidePositions = 1024;

/// The columns a guide objective chooses from, (C,G) in the network's type. `pictures`: (3,H,W) float32 [0,1], at least
/// one, on the network's device (here and below).
at::Tensor guide_target(const network::Network& network, std::size_t layer,
                        const std::vector<at::Tensor>& pictures, Match match);

/// The mean of the pictures' Gram matrices, each sum_p a_p a_p^T / P, (C,C) float32 (float64).
at::Tensor style_target(const network::Network& network, std::size_t layer,
                        const std::vector<at::Tensor>& pictures);

/// The layer's activation at `picture`.
at::Tensor content_target(const network::Network& network, std::size_t layer, const at::Tensor& picture);

/// `vector` at unit length as the only column, (C,1) in the network's type. Throws std::invalid_argument if it has not
/// one number a channel or all are 0.
at::Tensor direction_target(const network::Network& network, std::size_t layer,
                            const std::vector<double>& vector);

/// Channels of a layer, by a pass over the smallest picture that the network takes.
std::int64_t channels_of(const network::Network& network, std::size_t layer);

}  // namespace dreamreel::dream
