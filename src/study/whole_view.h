// Passes whole pictures of any size through a network, for lists and catalogues.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::study {

/// As Network::forward(). A network for one size only sees pictures stretched to this size, one by one,
/// because its file may accept only one picture at a time. `pictures`: (N,3,H,W), as for forward(). Gradients
/// go back to them.
std::vector<at::Tensor> forward_whole(const network::Network& network, const at::Tensor& pictures);

}  // namespace dreamreel::study
