#include "whole_view.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_bilinear2d.h>

namespace dreamreel::study {

std::vector<at::Tensor> forward_whole(const network::Network& network, const at::Tensor& pictures) {
  const auto& only = network.only_size();
  if (!only) return network.forward(pictures);
  const at::Tensor stretched =
      at::upsample_bilinear2d(pictures, {only->height, only->width}, /*align_corners=*/false);
  std::vector<std::vector<at::Tensor>> of_layers(network.layers().size());
  for (std::int64_t i = 0; i < pictures.size(0); ++i) {
    const auto activations = network.forward(stretched.narrow(0, i, 1));
    for (std::size_t layer = 0; layer < activations.size(); ++layer)
      of_layers[layer].push_back(activations[layer]);
  }
  std::vector<at::Tensor> all;
  for (const auto& activations : of_layers) all.push_back(at::cat(activations));
  return all;
}

}  // namespace dreamreel::study
