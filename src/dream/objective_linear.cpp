#include "objective_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

namespace dreamreel::dream {

Term energy_term(const Objective& objective, const at::Tensor& activation) {
  Term term;
  term.factor = objective.weight / static_cast<double>(activation.numel());
  const at::Tensor wide = activation.to(accumulation_type(activation));
  const at::Tensor mask = layer_mask(objective, activation);
  const at::Tensor squares = mask.defined() ? wide.square().mul_(mask) : wide.square();
  term.value = term.factor * (0.5 * squares.sum().item<double>());
  term.cotangent = mask.defined() ? activation * mask.to(activation.scalar_type()) : activation;
  return term;
}

Term mean_term(const Objective& objective, const at::Tensor& activation) {
  Term term;
  term.factor = objective.weight / static_cast<double>(activation.numel());
  const at::Tensor mask = layer_mask(objective, activation);
  const at::Tensor wide = activation.to(accumulation_type(activation));
  term.value = term.factor * (mask.defined() ? wide * mask : wide).sum().item<double>();
  term.cotangent = at::ones_like(activation);
  if (mask.defined()) term.cotangent.mul_(mask);
  return term;
}

Term channels_term(const Objective& objective, const at::Tensor& activation) {
  check_channels(objective, activation);
  const auto count = objective.channels.size();
  const auto positions = activation.size(2) * activation.size(3);
  Term term;
  term.factor = objective.weight / static_cast<double>(static_cast<std::int64_t>(count) * positions);
  const at::Tensor mask = layer_mask(objective, activation);
  term.cotangent = at::zeros_like(activation);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const at::Tensor plane = activation.narrow(1, objective.channels[i], 1).to(accumulation_type(activation));
    sum += (mask.defined() ? plane * mask : plane).sum().item<double>();
    at::Tensor there = term.cotangent.narrow(1, objective.channels[i], 1);
    if (mask.defined())
      there.add_(mask);
    else
      there.add_(1);
  }
  term.value = term.factor * sum;
  return term;
}

Term neuron_term(const Objective& objective, const at::Tensor& activation) {
  check_channels(objective, activation);
  const auto at_cell = [&](const at::Tensor& tensor, std::int64_t channel) {
    return tensor[0][channel][cell_at(objective.at_y, tensor.size(2))]
                 [cell_at(objective.at_x, tensor.size(3))];
  };
  const auto channel = objective.channels.front();
  const at::Tensor mask = layer_mask(objective, activation);
  const double strength = mask.defined() ? at_cell(mask, 0).item<double>() : 1;
  Term term;
  term.factor = objective.weight * strength;
  term.value = term.factor * at_cell(activation, channel).item<double>();
  term.cotangent = at::zeros_like(activation);
  at_cell(term.cotangent, channel).fill_(1);
  return term;
}

}  // namespace dreamreel::dream
