#include "network_gradients.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "cotangents.h"
#include "terms_by_kind.h"
#include "tiled_gradient.h"
#include "windows.h"

namespace dreamreel::dream {
namespace {

void check_objectives(const std::vector<Objective>& objectives, const Networks& networks) {
  if (objectives.empty()) throw std::invalid_argument("evaluate: no objective");
  for (const auto& objective : objectives) {
    if (objective.network >= networks.size())
      throw std::invalid_argument(
          fmt::format("evaluate: network index {} of {}", objective.network, networks.size()));
    const auto layers = networks[objective.network].layers().size();
    if (objective.layer >= layers)
      throw std::invalid_argument(fmt::format("evaluate: layer index {} of {}", objective.layer, layers));
  }
}

std::vector<Objective> active_in(const std::vector<Objective>& objectives, std::size_t network) {
  std::vector<Objective> active;
  for (const auto& objective : objectives)
    if (objective.network == network && objective.weight != 0) active.push_back(objective);
  return active;
}

// Runs one forward and one backward pass. The terms' closed-form derivatives start the backward pass, so no
// term is differentiated.
Gradient evaluate_one(const network::Network& network, const at::Tensor& picture,
                      const std::vector<Objective>& objectives) {
  const at::Tensor leaf = picture.detach().requires_grad_(true);
  // Layers that no objective currently uses, and nodes that lead only to them, need not be computed.
  const std::vector<at::Tensor> activations =
      network.forward(leaf, layers_with_weight(network, objectives.front().network, objectives));

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
  result.gradient = cotangents.pull_back(activations, leaf);
  return result;
}

// A `tiling` without rows means no tiles.
Gradient gradient_of(const network::Network& network, const at::Tensor& picture,
                     const std::vector<Objective>& objectives, const Tiling& tiling) {
  if (tiling.seen) return windowed_gradient(network, picture, objectives, tiling);
  if (const auto& only = network.only_size())
    return windowed_gradient(network, picture, objectives,
                             place_windows(*only, picture.size(2), picture.size(3), 0, 0));
  if (tiling.is_whole()) return evaluate_one(network, picture, objectives);
  return tiled_gradient(network, picture, objectives, tiling);
}

}  // namespace

Gradient evaluate(const Networks& networks, const at::Tensor& picture,
                  const std::vector<Objective>& objectives, const Tilings& tilings) {
  check_objectives(objectives, networks);
  std::vector<Gradient> parts;
  std::vector<double> shares;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const auto active = active_in(objectives, i);
    if (active.empty()) continue;
    parts.push_back(gradient_of(networks[i], picture, active, tilings.empty() ? Tiling() : tilings.at(i)));
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
      sum.gradient.add_(parts[i].gradient, shares[i] / mean);  // if not finite, it spreads and is found later
  }
  return sum;
}

}  // namespace dreamreel::dream
