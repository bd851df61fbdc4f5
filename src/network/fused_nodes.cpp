#include "fused_nodes.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <ranges>

#include "ops.h"

namespace dreamreel::network {
namespace {

constexpr std::int64_t kMostTaps = 255;  // of a max pool: the place of a maximum is one byte

bool is_varying(const Graph& graph, const Node& node, std::size_t input) {
  return input < node.inputs.size() && node.inputs[input] != kNoValue &&
         !graph.constants.contains(node.inputs[input]);
}

NodeDescription describe_conv(const Graph& graph, const Node& node) {
  const NodeView view(graph, node, std::nullopt);
  const auto weight = view.constant(1);
  const bool has_bias = view.has_input(2);
  if (!weight.defined() || weight.dim() != 4 || (has_bias && !view.constant(2).defined())) return {};
  NodeDescription description;
  description.kind = NodeKind::convolution;
  description.window.emplace(view);
  description.groups = view.integer("group", 1);
  return description;
}

NodeDescription describe_clip(const Graph& graph, const Node& node) {
  if (is_varying(graph, node, 1) || is_varying(graph, node, 2)) return {};
  const NodeView view(graph, node, std::nullopt);
  constexpr double kNoLimit = std::numeric_limits<float>::infinity();
  NodeDescription description;
  description.kind = NodeKind::clip;
  description.low = Number(view, "min", 1).get({}).value_or(-kNoLimit);
  description.high = Number(view, "max", 2).get({}).value_or(kNoLimit);
  return description.low < description.high ? description : NodeDescription{};
}

NodeDescription describe_pool(const Graph& graph, const Node& node, NodeKind kind) {
  const NodeView view(graph, node, std::nullopt);
  NodeDescription description;
  description.window.emplace(view);
  const auto kernel = description.window->kernel();
  if (kernel.size() != 2) return {};
  if (kind == NodeKind::max_pool && kernel[0] * kernel[1] > kMostTaps) return {};
  description.kind = kind;
  description.include_padding = view.integer("count_include_pad", 0) != 0;
  return description;
}

}  // namespace

NodeDescription describe_node(const Graph& graph, const Node& node) {
  if (!is_varying(graph, node, 0)) return {};
  NodeDescription description;
  if (node.op == "Conv") return describe_conv(graph, node);
  if (node.op == "Clip") return describe_clip(graph, node);
  if (node.op == "MaxPool") return describe_pool(graph, node, NodeKind::max_pool);
  if (node.op == "AveragePool") return describe_pool(graph, node, NodeKind::average_pool);
  if (node.op == "Relu" || node.op == kReluInPlaceOp) description.kind = NodeKind::relu;
  if (node.op == kScaleShiftOp) description.kind = NodeKind::scale_shift;
  if (node.op == "Add" && is_varying(graph, node, 1)) description.kind = NodeKind::add;
  if (node.op == "Concat") {
    const auto axis = NodeView(graph, node, std::nullopt).integer("axis", 0);
    const bool all = std::ranges::all_of(std::views::iota(std::size_t{0}, node.inputs.size()),
                                         [&](std::size_t i) { return is_varying(graph, node, i); });
    if (all && (axis == 1 || axis == -3)) description.kind = NodeKind::concat;
  }
  return description;
}

}  // namespace dreamreel::network
