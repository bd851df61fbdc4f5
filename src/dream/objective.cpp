#include "dreamreel/dream/objective.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "terms.h"

namespace dreamreel::dream {
namespace {

void check(const std::vector<Objective>& objectives, const Networks& networks) {
  if (objectives.empty()) throw std::invalid_argument("evaluate: no objective");
  for (const auto& objective : objectives) {
    if (objective.network >= networks.size())
      throw std::invalid_argument("evaluate: network index " + std::to_string(objective.network) + " of " +
                                  std::to_string(networks.size()));
    const auto layers = networks[objective.network].layers().size();
    if (objective.layer >= layers)
      throw std::invalid_argument("evaluate: layer index " + std::to_string(objective.layer) + " of " +
                                  std::to_string(layers));
  }
}

std::vector<Objective> active_in(const std::vector<Objective>& objectives, std::size_t network) {
  std::vector<Objective> active;
  for (const auto& objective : objectives)
    if (objective.network == network && objective.weight != 0) active.push_back(objective);
  return active;
}

// What starts the backward pass: one cotangent for each layer that has a term.
struct Cotangents {
  std::vector<std::size_t> layers;
  std::vector<at::Tensor> tensors;

  void add(std::size_t layer, at::Tensor cotangent) {
    const auto found = std::ranges::find(layers, layer);
    if (found != layers.end()) {
      tensors[static_cast<std::size_t>(found - layers.begin())].add_(cotangent);
      return;
    }
    layers.push_back(layer);
    tensors.push_back(std::move(cotangent));
  }
};

// Layers that no objective asks for at the moment, and all that leads to them alone, need not be computed.
std::vector<bool> needed_layers(const std::vector<Objective>& active, std::size_t layers) {
  std::vector<bool> needed(layers, false);
  for (const auto& objective : active) needed[objective.layer] = true;
  return needed;
}

// One forward and one backward pass. The terms' own derivatives start the backward pass, so no term is ever
// differentiated.
Gradient evaluate_one(const network::Network& network, const at::Tensor& picture,
                      const std::vector<Objective>& objectives) {
  const at::Tensor leaf = picture.detach().requires_grad_(true);
  const std::vector<at::Tensor> activations =
      network.forward(leaf, needed_layers(objectives, network.layers().size()));

  std::vector<Term> terms;
  double largest = 0;
  for (const auto& objective : objectives) {
    terms.push_back(term_of(objective, activations[objective.layer].detach()));
    largest = std::max(largest, std::abs(terms.back().factor));
  }
  Gradient result;
  result.scale = largest > 0 ? 1 / largest : 1;

  Cotangents cotangents;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    result.value += terms[i].value;
    if (terms[i].factor == 0) continue;
    const auto type = activations[objectives[i].layer].scalar_type();
    cotangents.add(objectives[i].layer, (terms[i].cotangent * (terms[i].factor * result.scale)).to(type));
  }
  std::vector<at::Tensor> outputs;
  for (const auto layer : cotangents.layers) outputs.push_back(activations[layer]);
  result.gradient = outputs.empty() ? at::zeros_like(picture)
                                    : torch::autograd::grad(outputs, {leaf}, cotangents.tensors)[0];
  return result;
}

}  // namespace

Gradient evaluate(const Networks& networks, const at::Tensor& picture,
                  const std::vector<Objective>& objectives) {
  check(objectives, networks);
  std::vector<Gradient> parts;
  std::vector<double> shares;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const auto active = active_in(objectives, i);
    if (active.empty()) continue;
    parts.push_back(evaluate_one(networks[i], picture, active));
    shares.push_back(0);
    for (const auto& objective : active) shares.back() += std::abs(objective.weight);
  }
  if (parts.empty()) return {0, at::zeros_like(picture), 1};
  if (parts.size() == 1) return parts.front();
  Gradient sum{0, at::zeros_like(picture), 0};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    sum.value += parts[i].value;
    const double mean = parts[i].gradient.abs().mean().item<double>();
    if (mean != 0)
      sum.gradient.add_(parts[i].gradient, shares[i] / mean);  // not finite: it spreads, and is found
  }
  return sum;
}

}  // namespace dreamreel::dream
