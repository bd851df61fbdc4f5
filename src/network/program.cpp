#include "program.h"

#include <ATen/ATen.h>
#include <fmt/core.h>

#include <algorithm>
#include <unordered_set>

#include "dreamreel/core/error.h"
#include "rewrites.h"

namespace dreamreel::network {
namespace {

Kernel build_or_tell(const Graph& graph, const Node& node, std::optional<at::ScalarType> float_type) {
  const auto where = fmt::format("network '{}': {}: ", graph.source, describe(graph, node));
  try {
    return build_kernel(graph, node, float_type);
  } catch (const Unsupported& unsupported) {
    throw UnavailableError(where + unsupported.what());
  } catch (const Invalid& invalid) {
    throw InputError(where + invalid.what());
  } catch (const c10::Error& error) {
    throw InputError(where + error.what_without_backtrace());
  } catch (const std::runtime_error& error) {
    throw InputError(where + error.what());  // a number that the type cannot hold
  }
}

bool is_arithmetic(const std::string& op) {
  static const std::unordered_set<std::string> kOps{"Add", "Sub", "Mul",  "Div",    "Pow",   "Max",
                                                    "Min", "Sum", "Mean", "MatMul", "Concat"};
  return kOps.contains(op);
}

at::Tensor place_constant(const at::Tensor& stored, const ProgramOptions& options) {
  if (!stored.defined()) return {};  // strings, which no operator here reads
  // Integers are shapes and indices, which are read on the CPU.
  if (!at::isFloatingType(stored.scalar_type())) return stored.clone();
  const auto type = options.float_type.value_or(stored.scalar_type());
  if (options.device.is_meta())
    return at::empty(stored.sizes(), at::TensorOptions(options.device).dtype(type));
  auto placed = stored.to(options.device, type);
  if (placed.dim() == 4) placed = placed.contiguous(at::MemoryFormat::ChannelsLast);
  // A tensor that still lies in the file's message would keep the whole message in memory.
  return placed.is_alias_of(stored) ? placed.clone() : placed;
}

void place_constants(Program& program, const Graph& graph, const ProgramStep& step,
                     const ProgramOptions& options) {
  for (const auto input : step.inputs) {
    const auto entry = graph.constants.find(input);
    if (entry == graph.constants.end()) continue;
    if (step.on_host) {
      program.host_constants.try_emplace(input, entry->second.clone());
    } else if (!program.constants.contains(input)) {
      program.constants.emplace(input, place_constant(entry->second, options));
    }
  }
}

void find_spent(Program& program) {
  std::unordered_set<ValueId> needed(program.wanted.begin(), program.wanted.end());
  for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
    for (const auto* values : {&step->inputs, &step->outputs}) {
      for (const auto value : *values) {
        if (value != kNoValue && needed.insert(value).second) step->spent.push_back(value);
      }
    }
  }
}

}  // namespace

std::int64_t Program::constant_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& [id, tensor] : constants) bytes += static_cast<std::int64_t>(tensor.nbytes());
  return bytes;
}

std::vector<bool> Program::steps_for(const std::vector<bool>& needed) const {
  if (needed.empty()) return std::vector<bool>(steps.size(), true);
  std::vector<bool> worth(steps.size(), false), asked(value_count, false);
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (needed[i]) asked[static_cast<std::size_t>(wanted[i])] = true;
  for (std::size_t i = steps.size(); i-- > 0;) {
    const auto is_asked = [&](ValueId value) {
      return value != kNoValue && asked[static_cast<std::size_t>(value)];
    };
    worth[i] = std::ranges::any_of(steps[i].outputs, is_asked);
    if (!worth[i]) continue;
    for (const auto value : steps[i].inputs)
      if (value != kNoValue) asked[static_cast<std::size_t>(value)] = true;
  }
  return worth;
}

Program compile(const Graph& graph, const std::vector<ValueId>& wanted, const ProgramOptions& options) {
  Program program;
  program.value_count = graph.value_names.size();
  program.placed = at::TensorOptions(options.device).dtype(options.float_type.value_or(at::kFloat));
  program.wanted = wanted;
  for (const auto& input : graph.inputs) program.inputs.push_back(input.value);
  const auto host = find_host_values(graph);
  for (const auto& node : graph.nodes) {
    ProgramStep step;
    step.on_host = !node.inputs.empty() && !node.outputs.empty() && node.op != "Shape" && node.op != "Size" &&
                   node.outputs[0] != kNoValue && host[static_cast<std::size_t>(node.outputs[0])];
    step.kernel = build_or_tell(graph, node, step.on_host ? std::nullopt : options.float_type);
    step.inputs = node.inputs;
    step.outputs = node.outputs;
    step.keeps_shape = find_op(node.op)->keeps_shape;
    step.in_place = node.op == kReluInPlaceOp;
    step.label = describe(graph, node);
    step.is_arithmetic = is_arithmetic(node.op);
    place_constants(program, graph, step, options);
    if (step.on_host)
      for (const auto output : step.outputs)
        if (output != kNoValue) program.made_on_host.insert(output);
    program.steps.push_back(std::move(step));
  }
  for (const auto value : wanted) {
    const auto entry = graph.constants.find(value);
    if (entry != graph.constants.end())
      program.constants.try_emplace(value, place_constant(entry->second, options));
  }
  find_spent(program);
  return program;
}

at::Tensor off_host(const Program& program, const ProgramStep& step, ValueId id, const at::Tensor& value) {
  if (step.on_host || !step.is_arithmetic || !program.made_on_host.contains(id)) return value;
  if (!value.defined() || !at::isFloatingType(value.scalar_type())) return value;
  if (program.placed.device().is_meta()) return at::empty(value.sizes(), program.placed);
  return value.to(program.placed);
}

at::Tensor scaled(const Program& program, ValueId id, const at::Tensor& value, const at::Tensor& factors) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(value.dim()), 1);
  const auto axis = program.channel_axes.find(id);
  sizes.at(axis == program.channel_axes.end() ? 1 : static_cast<std::size_t>(axis->second)) = -1;
  return value * factors.view(sizes);
}

Values::Values(const Program& program, Inputs inputs) : program_(program), values_(program.value_count) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    values_[static_cast<std::size_t>(program.inputs.at(i))] = inputs[i];
  for (const auto& [id, tensor] : program.constants) values_[static_cast<std::size_t>(id)] = tensor;
}

std::vector<at::Tensor> Values::inputs_of(const ProgramStep& step) const {
  std::vector<at::Tensor> inputs;
  for (const auto input : step.inputs) {
    const auto host = step.on_host ? program_.host_constants.find(input) : program_.host_constants.end();
    if (host != program_.host_constants.end())
      inputs.push_back(host->second);
    else
      inputs.push_back(input == kNoValue ? at::Tensor{} : off_host(program_, step, input, get(input)));
  }
  return inputs;
}

bool Values::has_inputs_of(const ProgramStep& step) const {
  const auto inputs = inputs_of(step);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (step.inputs[i] != kNoValue && !inputs[i].defined()) return false;
  }
  return true;
}

void Values::store(const ProgramStep& step, Outputs outputs) {
  for (std::size_t i = 0; i < step.outputs.size() && i < outputs.size(); ++i) {
    if (step.outputs[i] == kNoValue) continue;
    auto& value = values_[static_cast<std::size_t>(step.outputs[i])];
    value = std::move(outputs[i]);
    const auto scale = program_.scales.find(step.outputs[i]);
    if (scale != program_.scales.end()) value = scaled(program_, step.outputs[i], value, scale->second);
  }
}

void Values::drop_spent(const ProgramStep& step) {
  for (const auto value : step.spent) values_[static_cast<std::size_t>(value)].reset();
}

}  // namespace dreamreel::network
