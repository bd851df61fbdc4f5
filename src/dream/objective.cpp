#include "dreamreel/dream/objective.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace dreamreel::dream {
namespace {

// weight / (number of activations): the factor that turns an activation into the gradient of its term.
double coefficient(const Objective& objective, const at::Tensor& activation) {
  return objective.weight / static_cast<double>(activation.numel());
}

at::ScalarType accumulation_type(const at::Tensor& activation) {
  return activation.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

double half_sum_of_squares(const at::Tensor& activation) {
  const at::Tensor wide = activation.detach().to(accumulation_type(activation));
  return 0.5 * wide.square().sum().item<double>();
}

void check(const std::vector<Objective>& objectives, std::size_t layers) {
  if (objectives.empty()) throw std::invalid_argument("evaluate: no objective");
  for (const auto& objective : objectives)
    if (objective.layer >= layers)
      throw std::invalid_argument("evaluate: layer index " + std::to_string(objective.layer) + " of " +
                                  std::to_string(layers));
}

}  // namespace

Gradient evaluate(const network::Network& network, const at::Tensor& picture,
                  const std::vector<Objective>& objectives) {
  check(objectives, network.layers().size());
  const at::Tensor leaf = picture.detach().requires_grad_(true);
  const std::vector<at::Tensor> activations = network.forward(leaf);

  double largest = 0;
  for (const auto& objective : objectives)
    largest = std::max(largest, std::abs(coefficient(objective, activations[objective.layer])));
  Gradient result;
  result.scale = largest > 0 ? 1 / largest : 1;

  // d/da of weight/n * 1/2 sum a^2 is weight/n * a: it starts the backward pass, so the square is never
  // differentiated.
  std::vector<at::Tensor> outputs, cotangents;
  for (const auto& objective : objectives) {
    const at::Tensor& activation = activations[objective.layer];
    const double factor = coefficient(objective, activation);
    result.value += factor * half_sum_of_squares(activation);
    if (factor == 0) continue;
    outputs.push_back(activation);
    cotangents.push_back(activation.detach() * (factor * result.scale));
  }
  result.gradient =
      outputs.empty() ? at::zeros_like(picture) : torch::autograd::grad(outputs, {leaf}, cotangents)[0];
  return result;
}

}  // namespace dreamreel::dream
