#include "shapes.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "ops.h"
#include "program.h"
#include "rewrites.h"

namespace dreamreel::network {
namespace {

constexpr std::int64_t kMostZeros = 1 << 24;  // 64 MB

Outputs run_on_zeros(const ProgramStep& step, Inputs inputs) {
  std::vector<at::Tensor> zeros;
  for (const auto& input : inputs) {
    const bool is_shape_only = input.defined() && input.is_meta();
    if (is_shape_only && input.numel() > kMostZeros)
      throw Invalid("its input is too large to tell its shape");
    zeros.push_back(is_shape_only ? at::zeros(input.sizes(), input.options().device(at::kCPU)) : input);
  }
  Outputs outputs;
  for (const auto& output : step.kernel(zeros)) {
    outputs.push_back(at::empty(output.sizes(), output.options().device(at::kMeta)));
  }
  return outputs;
}

// Runs a step on numbers that do not depend on the picture, or only on its size.
Outputs run_small(const ProgramStep& step, Inputs inputs, Allowance& allowance) {
  allowance.take(0);
  const SmallTensors limit(allowance);
  auto outputs = step.kernel(inputs);
  for (const auto& output : outputs)
    if (output.defined()) allowance.take(static_cast<double>(output.numel()));
  if (grows(outputs, inputs)) throw TooMuch("it makes a tensor of an absurd size from a shape");
  return outputs;
}

Outputs run_for_shape(const ProgramStep& step, Inputs inputs, Allowance& allowance) {
  const auto is_shape_only = [](const at::Tensor& input) { return input.defined() && input.is_meta(); };
  if (step.on_host || std::ranges::none_of(inputs, is_shape_only)) return run_small(step, inputs, allowance);
  if (step.keeps_shape) return {at::empty_like(inputs[0])};
  try {
    return step.kernel(inputs);
  } catch (const c10::NotImplementedError&) {
    return run_on_zeros(step, inputs);  // some operators of some LibTorch releases lack the meta device
  }
}

/// Whether `instead` gives sizes for the step's result. If it does, they are stored.
bool replace(const ProgramStep& step, Values& values, Allowance& allowance,
             const ShapeFinder::Override& instead) {
  const auto inputs = values.inputs_of(step);
  if (inputs.empty() || !inputs[0].defined() || !inputs[0].is_meta() || step.outputs.empty()) return false;
  std::optional<std::vector<std::int64_t>> by_itself;
  try {
    by_itself = run_for_shape(step, inputs, allowance).at(0).sizes().vec();
  } catch (const std::exception&) {
    // The step cannot run; `instead` may give sizes for it.
  }
  const auto sizes = instead(step.outputs[0], inputs[0].sizes().vec(), by_itself);
  if (!sizes) return false;
  values.store(step, {at::empty(*sizes, inputs[0].options())});
  return true;
}

/// The graph without its unsupported nodes.
Graph supported_part(const Graph& graph) {
  auto part = graph;
  const auto reasons = find_unsupported(graph);
  std::size_t index = 0;
  std::erase_if(part.nodes, [&](const Node&) { return !reasons[index++].empty(); });
  return part;
}

}  // namespace

struct ShapeFinder::Impl {
  Program program;
};

ShapeFinder::ShapeFinder(const Graph& graph) {
  std::vector<ValueId> all;
  for (std::size_t id = 0; id < graph.value_names.size(); ++id) all.push_back(static_cast<ValueId>(id));
  impl_ = std::make_unique<Impl>();
  impl_->program = compile(supported_part(graph), all, {at::kMeta, at::kFloat});
}

ShapeFinder::~ShapeFinder() = default;
ShapeFinder::ShapeFinder(ShapeFinder&&) noexcept = default;

Shapes ShapeFinder::find(const std::vector<std::int64_t>& input, const Override& instead) const {
  const at::NoGradGuard no_grad;
  const auto& program = impl_->program;
  Shapes shapes;
  Allowance allowance;
  Values values(program, {at::empty(input, at::TensorOptions(at::kMeta).dtype(at::kFloat))});
  for (const auto& step : program.steps) {
    if (!values.has_inputs_of(step)) continue;
    std::string failure;
    if (instead && replace(step, values, allowance, instead)) continue;
    try {
      auto outputs = run_for_shape(step, values.inputs_of(step), allowance);
      for (const auto& output : outputs)
        if (output.defined()) check_map(output.sizes());
      values.store(step, std::move(outputs));
    } catch (const TooMuch& much) {
      failure = much.what();
      shapes.is_too_much = true;
    } catch (const Invalid& invalid) {
      failure = invalid.what();
    } catch (const c10::Error& error) {
      failure = error.what_without_backtrace();
    } catch (const std::runtime_error& error) {
      failure = error.what();  // a number that the type cannot hold
    }
    if (!failure.empty() && shapes.first_failure.empty()) shapes.first_failure = step.label + ": " + failure;
  }
  for (const auto value : program.wanted) {
    const auto& tensor = values.get(value);
    shapes.sizes.push_back(tensor.defined() ? std::optional(tensor.sizes().vec()) : std::nullopt);
  }
  return shapes;
}

}  // namespace dreamreel::network
