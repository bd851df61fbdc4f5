#include "cotangents.h"

#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <utility>

namespace dreamreel::dream {

void Cotangents::add(std::size_t layer, at::Tensor cotangent) {
  const auto found = std::ranges::find(layers, layer);
  if (found != layers.end()) {
    tensors[static_cast<std::size_t>(found - layers.begin())].add_(cotangent);
    return;
  }
  layers.push_back(layer);
  tensors.push_back(std::move(cotangent));
}

at::Tensor Cotangents::pull_back(const std::vector<at::Tensor>& activations, const at::Tensor& leaf) const {
  std::vector<at::Tensor> outputs;
  for (const auto layer : layers) outputs.push_back(activations[layer]);
  return outputs.empty() ? at::zeros_like(leaf) : torch::autograd::grad(outputs, {leaf}, tensors)[0];
}

}  // namespace dreamreel::dream
