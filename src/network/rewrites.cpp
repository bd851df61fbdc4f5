#include "rewrites.h"

#include <ATen/ATen.h>
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "dreamreel/core/error.h"
#include "ops.h"

namespace dreamreel::network {
namespace {

std::vector<bool> mark(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<bool> marked(graph.value_names.size(), false);
  for (const auto value : values) marked[static_cast<std::size_t>(value)] = true;
  return marked;
}

bool is_marked(const std::vector<bool>& marked, ValueId value) {
  return value != kNoValue && marked[static_cast<std::size_t>(value)];
}

bool all_inputs_constant(const Graph& graph, const Node& node) {
  return std::ranges::all_of(
      node.inputs, [&](ValueId input) { return input == kNoValue || graph.constants.contains(input); });
}

double count_of(const Outputs& outputs) {
  double count = 0;
  for (const auto& output : outputs) count += output.defined() ? static_cast<double>(output.numel()) : 0;
  return count;
}

/// How many numbers the file holds. A tensor that several nodes share counts once.
double stored_numbers(const Graph& graph) {
  std::map<const void*, double> stored;
  const auto add = [&](const at::Tensor& tensor) {
    if (tensor.defined()) stored[tensor.unsafeGetTensorImpl()] = static_cast<double>(tensor.numel());
  };
  for (const auto& [id, constant] : graph.constants) add(constant);
  for (const auto& node : graph.nodes)
    for (const auto& [name, attribute] : node.attributes)
      if (const auto* tensor = std::get_if<at::Tensor>(&attribute)) add(*tensor);
  double count = 0;
  for (const auto& [tensor, numbers] : stored) count += numbers;
  return count;
}

/// Runs a node on constants. Throws what its kernel throws, and TooMuch.
Outputs run_on_constants(const Graph& graph, const Node& node, Allowance& allowance) {
  std::vector<at::Tensor> inputs;
  for (const auto input : node.inputs)
    inputs.push_back(input == kNoValue ? at::Tensor{} : graph.constants.at(input));
  allowance.take(0);
  const SmallTensors limit(allowance);
  auto outputs = build_kernel(graph, node, std::nullopt)(inputs);
  if (grows(outputs, inputs)) throw TooMuch("it makes a tensor of an absurd size from constants");
  if (!node.inputs.empty()) allowance.take(count_of(outputs));  // a node without inputs holds stored numbers
  return outputs;
}

/// Folds the node, if possible. Returns whether its results are now constants.
bool fold_node(Graph& graph, const Node& node, Allowance& allowance) {
  if (!all_inputs_constant(graph, node) || find_op(node.op) == nullptr) return false;
  try {
    const auto outputs = run_on_constants(graph, node, allowance);
    for (std::size_t i = 0; i < node.outputs.size() && i < outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) graph.constants[node.outputs[i]] = outputs[i];
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

std::vector<const at::Tensor*> find_constants(const Graph& graph, const Node& node, std::size_t first) {
  std::vector<const at::Tensor*> found;
  for (std::size_t i = first; i < node.inputs.size(); ++i) {
    const auto entry = graph.constants.find(node.inputs[i]);
    if (entry == graph.constants.end() || !entry->second.defined()) return {};
    found.push_back(&entry->second);
  }
  return found;
}

/// y = x * scale + shift, computed in double: scale = gamma / sqrt(variance + epsilon), shift = beta - mean *
/// scale. False if the node does not do inference with constants. Its builder then refuses it or runs it.
bool lower_batch_norm(Graph& graph, Node& node) {
  const auto parameters = find_constants(graph, node, 1);
  if (node.op != "BatchNormalization" || node.inputs.size() != 5 || parameters.size() != 4) return false;
  try {
    build_kernel(graph, node, std::nullopt);
  } catch (const std::runtime_error&) {
    return false;
  }
  const auto as_double = [&](std::size_t i) { return parameters[i]->reshape({-1}).to(at::kDouble); };
  const auto type = parameters[0]->scalar_type();
  if (as_double(0).sizes() != as_double(1).sizes() || as_double(0).sizes() != as_double(2).sizes() ||
      as_double(0).sizes() != as_double(3).sizes()) {
    return false;
  }
  const NodeView view(graph, node, std::nullopt);
  const auto scale = as_double(0) / at::sqrt(as_double(3) + view.number("epsilon", 1e-5));
  const auto shift = as_double(1) - as_double(2) * scale;
  const auto name = label_of(graph, node);
  const auto scale_id = graph.add_value(name + ".scale"), shift_id = graph.add_value(name + ".shift");
  graph.constants[scale_id] = at::isFloatingType(type) ? scale : scale.to(at::kFloat);
  graph.constants[shift_id] = at::isFloatingType(type) ? shift : shift.to(at::kFloat);
  node.op = kScaleShiftOp;
  node.attributes.clear();
  node.inputs = {node.inputs[0], scale_id, shift_id};
  node.outputs.resize(1);
  return true;
}

/// conv(x) * scale + shift is a conv with weights * scale and bias * scale + shift. False if the shapes do
/// not fit, which happens only in a damaged file.
bool fold_into_conv(Graph& graph, Node& conv, const Node& scale_shift) {
  const auto parameters = find_constants(graph, conv, 1);
  if (conv.op != "Conv" || parameters.empty() || parameters[0]->dim() < 3) return false;
  const auto& weight = *parameters[0];
  const auto& scale = graph.constants.at(scale_shift.inputs[1]);
  const auto& shift = graph.constants.at(scale_shift.inputs[2]);
  const bool has_bias = parameters.size() > 1;
  if (scale.numel() != weight.size(0) || (has_bias && parameters[1]->numel() != weight.size(0))) return false;
  std::vector<std::int64_t> per_filter(static_cast<std::size_t>(weight.dim()), 1);
  per_filter[0] = -1;
  auto bias = shift;
  if (has_bias) bias = parameters[1]->reshape({-1}).to(at::kDouble) * scale + shift;
  const auto name = label_of(graph, conv);
  const auto weight_id = graph.add_value(name + ".folded_weight"),
             bias_id = graph.add_value(name + ".folded_bias");
  const auto type = weight.scalar_type();
  graph.constants[weight_id] = (weight.to(at::kDouble) * scale.reshape(per_filter)).to(type);
  graph.constants[bias_id] = bias.to(type);
  conv.inputs = {conv.inputs[0], weight_id, bias_id};
  conv.outputs[0] = scale_shift.outputs[0];
  return true;
}

bool are_all(const std::vector<std::int64_t>& numbers, std::int64_t value) {
  return std::ranges::all_of(numbers, [&](std::int64_t number) { return number == value; });
}

/// Whether every window holds a position of the map, and its mean counts only such positions. Then the mean
/// of a constant is this constant.
bool averages_what_is_there(const NodeView& pool) {
  const auto kernel = pool.integers("kernel_shape"), pads = pool.integers("pads");
  if (kernel.size() != 2 || !are_all(pool.integers("strides"), 1)) return false;
  for (std::size_t i = 0; i < pads.size(); ++i)
    if (pads[i] >= kernel[i % kernel.size()]) return false;
  return pool.integer("count_include_pad", 0) == 0;
}

/// Whether a Conv is 1x1, works position by position, and has fewer channels behind than before it.
bool narrows_pointwise(const NodeView& conv) {
  const auto weight = conv.constant(1);
  if (conv.has_input(2) && !conv.constant(2).defined()) return false;  // it may be computed after the pool
  return weight.defined() && weight.dim() == 4 && weight.size(2) == 1 && weight.size(3) == 1 &&
         weight.size(0) < weight.size(1) && conv.integer("group", 1) == 1 &&
         are_all(conv.integers("strides"), 1) && are_all(conv.integers("pads"), 0);
}

/// Whether the two nodes may change places. A damaged node is left alone, and fails where the failure can be
/// reported.
bool may_pool_what_is_smaller(const NodeView& pool, const NodeView& conv) {
  try {
    return pool.op() == "AveragePool" && averages_what_is_there(pool) && narrows_pointwise(conv);
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

void cut(Graph& graph, const std::vector<ValueId>& wanted) {
  auto needed = mark(graph, wanted);
  std::vector<bool> keep(graph.nodes.size(), false);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const auto& node = graph.nodes[i];
    keep[i] = std::ranges::any_of(node.outputs, [&](ValueId output) { return is_marked(needed, output); });
    if (!keep[i]) continue;
    for (const auto input : node.inputs) {
      if (input != kNoValue) needed[static_cast<std::size_t>(input)] = true;
    }
  }
  std::size_t index = 0;
  std::erase_if(graph.nodes, [&](const Node&) { return !keep[index++]; });
  std::erase_if(graph.constants, [&](const auto& entry) { return !is_marked(needed, entry.first); });
  std::erase_if(graph.inputs, [&](const GraphInput& input) { return !is_marked(needed, input.value); });
  graph.outputs = wanted;
}

void fold_constants(Graph& graph) {
  Allowance allowance(stored_numbers(graph));
  std::erase_if(graph.nodes, [&](const Node& node) { return fold_node(graph, node, allowance); });
}

void fold_shapes(Graph& graph, const Shapes& shapes) {
  std::erase_if(graph.nodes, [&](const Node& node) {
    if ((node.op != "Shape" && node.op != "Size") || node.inputs.empty() || node.outputs.empty())
      return false;
    const auto& sizes = shapes.sizes[static_cast<std::size_t>(node.inputs[0])];
    if (!sizes) return false;
    const auto shown = at::empty(*sizes, at::TensorOptions(at::kMeta));
    graph.constants[node.outputs[0]] = build_kernel(graph, node, std::nullopt)({shown}).at(0);
    return true;
  });
  fold_constants(graph);
}

void check_folded(const Graph& graph) {
  const auto fail = [&](const Node& node, const std::string& why) {
    throw InputError(fmt::format("network '{}': {}: {}", graph.source, describe(graph, node), why));
  };
  for (const auto& node : graph.nodes) {
    if (!all_inputs_constant(graph, node)) continue;
    Allowance allowance(stored_numbers(graph));
    try {
      run_on_constants(graph, node, allowance);
    } catch (const c10::Error& error) {
      fail(node, error.what_without_backtrace());
    } catch (const std::exception& error) {
      fail(node, error.what());
    }
    fail(node, "too much is computed from constants alone");
  }
}

void fold_batch_norms(Graph& graph, const std::vector<ValueId>& wanted) {
  const auto is_wanted = mark(graph, wanted);
  const auto uses = count_uses(graph);
  const auto producers = find_producers(graph);
  std::vector<bool> gone(graph.nodes.size(), false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    auto& node = graph.nodes[i];
    if (!lower_batch_norm(graph, node)) continue;
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    if (producers[input] < 0 || uses[input] != 1 || is_wanted[input]) continue;
    gone[i] = fold_into_conv(graph, graph.nodes[static_cast<std::size_t>(producers[input])], node);
  }
  std::size_t index = 0;
  std::erase_if(graph.nodes, [&](const Node&) { return gone[index++]; });
}

void pool_what_is_smaller(Graph& graph, const std::vector<ValueId>& wanted) {
  const auto is_wanted = mark(graph, wanted);
  const auto uses = count_uses(graph);
  const auto producers = find_producers(graph);
  for (auto& conv : graph.nodes) {
    if (conv.op != "Conv" || conv.inputs.empty() || conv.inputs[0] == kNoValue) continue;
    const auto pooled = static_cast<std::size_t>(conv.inputs[0]);
    if (producers[pooled] < 0 || uses[pooled] != 1 || is_wanted[pooled]) continue;
    auto& pool = graph.nodes[static_cast<std::size_t>(producers[pooled])];
    if (!may_pool_what_is_smaller(NodeView(graph, pool, std::nullopt), NodeView(graph, conv, std::nullopt)))
      continue;
    const auto narrow = graph.add_value(label_of(graph, conv) + ".before_pool");
    conv.inputs[0] = pool.inputs[0];
    pool.inputs[0] = narrow;
    pool.outputs[0] = conv.outputs[0];
    conv.outputs[0] = narrow;
    std::swap(conv, pool);
  }
}

void reuse_relu_inputs(Graph& graph, const std::vector<ValueId>& wanted) {
  const auto is_wanted = mark(graph, wanted);
  const auto uses = count_uses(graph);
  const auto producers = find_producers(graph);
  for (auto& node : graph.nodes) {
    if (node.op != "Relu" || node.inputs.size() != 1 || node.inputs[0] == kNoValue) continue;
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    if (producers[input] < 0 || uses[input] != 1 || is_wanted[input]) continue;
    const auto* producer = find_op(graph.nodes[static_cast<std::size_t>(producers[input])].op);
    if (producer != nullptr && producer->fresh_output) node.op = kReluInPlaceOp;
  }
}

std::vector<bool> find_dependent(const Graph& graph) {
  std::vector<bool> dependent(graph.value_names.size(), false);
  for (const auto& input : graph.inputs) dependent[static_cast<std::size_t>(input.value)] = true;
  for (const auto& node : graph.nodes) {
    const bool depends =
        std::ranges::any_of(node.inputs, [&](ValueId input) { return is_marked(dependent, input); });
    for (const auto output : node.outputs) {
      if (output != kNoValue) dependent[static_cast<std::size_t>(output)] = depends;
    }
  }
  return dependent;
}

std::vector<bool> find_host_values(const Graph& graph) {
  std::vector<bool> host(graph.value_names.size(), false);
  for (const auto& node : graph.nodes) {
    bool is_host = node.op == "Shape" || node.op == "Size";
    if (!is_host) {
      const auto is_varying = [&](ValueId input) {
        return input != kNoValue && !graph.constants.contains(input);
      };
      is_host = std::ranges::any_of(node.inputs, is_varying) &&
                std::ranges::all_of(
                    node.inputs, [&](ValueId input) { return !is_varying(input) || is_marked(host, input); });
    }
    for (const auto output : node.outputs) {
      if (output != kNoValue) host[static_cast<std::size_t>(output)] = is_host;
    }
  }
  return host;
}

std::vector<std::string> find_unsupported(const Graph& graph) {
  std::vector<std::string> reasons;
  for (const auto& node : graph.nodes) {
    auto& reason = reasons.emplace_back();
    try {
      build_kernel(graph, node, std::nullopt);
    } catch (const Unsupported& unsupported) {
      reason = unsupported.what();
    } catch (const std::exception&) {
      // The node is damaged rather than unsupported; compile() reports how.
    }
  }
  return reasons;
}

}  // namespace dreamreel::network
