// Pictures of any size through a network, whole: what lists and catalogues look at.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::study {

/// Network::forward(), but a network that takes pictures of one size alone sees them stretched to that, one
/// by one: its file may be made for one picture. `pictures`: (N,3,H,W) as for forward(); gradients go back to
/// them.
std::vector<at::Tensor> forward_whole(const network::Network& network, const at::Tensor& pictures);

}  // namespace dreamreel::study
