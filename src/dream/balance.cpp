#include "balance.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

namespace dreamreel::dream {
namespace {

double pull_of(const Networks& networks, const at::Tensor& picture, Objective objective) {
  objective.weight = 1;
  const Gradient gradient = evaluate(networks, picture, {objective});
  const double area = objective.mask.defined() ? objective.mask.mean().item<double>() : 1;
  return area > 0 ? gradient.gradient.abs().mean().item<double>() / gradient.scale / area : 0;
}

}  // namespace

std::vector<double> balanced_weights(const Networks& networks, const at::Tensor& picture,
                                     const std::vector<Objective>& objectives) {
  std::vector<double> weights, pulls;
  double pull_sum = 0, weight_sum = 0;
  for (const auto& objective : objectives) weights.push_back(objective.weight);
  if (std::ranges::count_if(weights, [](double weight) { return weight != 0; }) < 2) return weights;
  for (const auto& objective : objectives) {
    pulls.push_back(objective.weight != 0 ? pull_of(networks, picture, objective) : 0);
    pull_sum += std::abs(objective.weight) * pulls.back();
    weight_sum += std::abs(objective.weight);
  }
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (pulls[i] > 0 && std::isfinite(pulls[i])) weights[i] *= pull_sum / weight_sum / pulls[i];
  return weights;
}

}  // namespace dreamreel::dream
