#include "balance.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "network_gradients.h"

namespace dreamreel::dream {
namespace {

constexpr double kSmallestPull = 1e-6;  // of the largest; a smaller pull is only rounding

// Whether the term's pull can be measured. A content term starts where it pulls nothing, apart from rounding.
bool has_a_size(const Objective& objective) {
  return objective.weight != 0 && objective.kind != Kind::content;
}

double pull_of(const Networks& networks, const at::Tensor& picture, Objective objective,
               const Tilings& tilings) {
  objective.weight = 1;
  const Gradient gradient = evaluate(networks, picture, {objective}, tilings);
  const double area = objective.mask.defined() ? objective.mask.mean().item<double>() : 1;
  return area > 0 ? gradient.gradient.abs().mean().item<double>() / gradient.scale / area : 0;
}

}  // namespace

std::vector<double> balanced_weights(const Networks& networks, const at::Tensor& picture,
                                     const std::vector<Objective>& objectives, const Tilings& tilings) {
  std::vector<double> weights, pulls;
  for (const auto& objective : objectives) weights.push_back(objective.weight);
  if (std::ranges::count_if(objectives, has_a_size) < 2) return weights;
  double largest = 0;
  for (const auto& objective : objectives) {
    pulls.push_back(has_a_size(objective) ? pull_of(networks, picture, objective, tilings) : 0);
    if (!std::isfinite(pulls.back())) pulls.back() = 0;
    largest = std::max(largest, pulls.back());
  }
  double pull_sum = 0, weight_sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (pulls[i] <= kSmallestPull * largest) pulls[i] = 0;
    if (pulls[i] == 0) continue;
    pull_sum += std::abs(weights[i]) * pulls[i];
    weight_sum += std::abs(weights[i]);
  }
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (pulls[i] > 0) weights[i] *= pull_sum / weight_sum / pulls[i];
  return weights;
}

}  // namespace dreamreel::dream
