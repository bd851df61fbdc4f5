#include "fused_island.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "autograd_executor.h"

namespace dreamreel::network {
namespace {

/// The step's inputs. Inputs that need a gradient become leaves of the island's autograd graph.
std::vector<at::Tensor> inputs_of(const Program& program, const ProgramStep& step, bool with_gradient,
                                  Pass& pass, Island& island) {
  std::vector<at::Tensor> inputs;
  for (const auto input : step.inputs) {
    if (input == kNoValue) {
      inputs.emplace_back();
      continue;
    }
    const auto host = step.on_host ? program.host_constants.find(input) : program.host_constants.end();
    const auto constant = program.constants.find(input);
    if (host != program.host_constants.end()) {
      inputs.push_back(host->second);
    } else if (constant != program.constants.end()) {
      inputs.push_back(constant->second);
    } else {
      auto value = pass.tensors.at(input).detach();
      value = off_host(program, step, input, value);
      if (with_gradient && value.is_floating_point()) {
        value.requires_grad_();
        island.inputs.push_back(input);
        island.leaves.push_back(value);
        value = value.view_as(value);
      }
      inputs.push_back(value);
    }
  }
  return inputs;
}

}  // namespace

void run_island(const Program& program, std::size_t index, const std::string& source, bool with_gradient,
                Pass& pass) {
  const ProgramStep& step = program.steps[index];
  const at::AutoGradMode grad_mode(with_gradient);
  Island island;
  auto inputs = inputs_of(program, step, with_gradient, pass, island);
  // An operator in place would overwrite a tensor that others hold.
  if (step.in_place) inputs[0] = inputs[0].clone();
  island.outputs = run_step(step, inputs, source);
  for (std::size_t i = 0; i < step.outputs.size() && i < island.outputs.size(); ++i) {
    if (step.outputs[i] == kNoValue || !island.outputs[i].defined()) continue;
    const auto scale = pass.scales.find(step.outputs[i]);
    if (scale != pass.scales.end())
      island.outputs[i] = scaled(program, step.outputs[i], island.outputs[i], scale->second);
    pass.tensors[step.outputs[i]] = island.outputs[i].detach();
  }
  if (with_gradient) pass.islands[index] = std::move(island);
}

void run_island_backward(std::size_t index, const Program& program, Pass& pass) {
  const ProgramStep& step = program.steps[index];
  const auto entry = pass.islands.find(index);
  if (entry == pass.islands.end()) return;
  const Island island = std::move(entry->second);
  pass.islands.erase(entry);
  std::vector<at::Tensor> outputs, cotangents;
  for (std::size_t i = 0; i < step.outputs.size() && i < island.outputs.size(); ++i) {
    const auto gradient = pass.gradients.find(step.outputs[i]);
    if (gradient == pass.gradients.end() || !island.outputs[i].requires_grad()) continue;
    outputs.push_back(island.outputs[i]);
    cotangents.push_back(gradient->second.to(island.outputs[i].scalar_type()));
    pass.gradients.erase(gradient);
  }
  if (outputs.empty() || island.leaves.empty()) return;
  const auto gradients =
      torch::autograd::grad(outputs, island.leaves, cotangents, c10::nullopt, false, /*allow_unused=*/true);
  for (std::size_t i = 0; i < gradients.size(); ++i)
    if (gradients[i].defined()) pass.add_gradient(island.inputs[i], gradients[i]);
}

}  // namespace dreamreel::network
