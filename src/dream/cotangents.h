// Where a backward pass starts.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

namespace dreamreel::dream {

/// The start of a backward pass: one cotangent for each layer that has a term.
struct Cotangents {
  std::vector<std::size_t> layers;
  std::vector<at::Tensor> tensors;

  void add(std::size_t layer, at::Tensor cotangent);
  /// The gradient to `leaf`. `activations` of all layers were computed from it.
  at::Tensor pull_back(const std::vector<at::Tensor>& activations, const at::Tensor& leaf) const;
};

}  // namespace dreamreel::dream
