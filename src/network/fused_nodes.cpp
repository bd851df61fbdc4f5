#include "fused_nodes.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops.h"

namespace dreamreel::network {
namespace {

constexpr std::size_t kMapRank = 4;
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
  description.kind = NodeKind::activation;
  auto& activation = description.activation;
  activation.kind = Epilogue::Kind::clip;
  activation.low = static_cast<float>(Number(view, "min", 1).get({}).value_or(-kNoLimit));
  activation.high = static_cast<float>(Number(view, "max", 2).get({}).value_or(kNoLimit));
  return activation.low < activation.high ? description : NodeDescription{};
}

/// LeakyRelu and HardSigmoid with a slope above 0. With other slopes the gradient does not follow from the
/// result.
NodeDescription describe_slope(const Graph& graph, const Node& node) {
  const NodeView view(graph, node, std::nullopt);
  const bool is_leaky = node.op == "LeakyRelu";
  NodeDescription description;
  description.kind = NodeKind::activation;
  auto& activation = description.activation;
  activation.kind = is_leaky ? Epilogue::Kind::leaky_relu : Epilogue::Kind::hard_sigmoid;
  activation.slope = static_cast<float>(view.number("alpha", is_leaky ? 0.01 : 0.2));
  activation.shift = static_cast<float>(view.number("beta", 0.5));
  const bool is_usable =
      activation.slope > 0 && std::isfinite(activation.slope) && std::isfinite(activation.shift);
  return is_usable ? description : NodeDescription{};
}

/// Sizes may change from pass to pass, but scales have to be constants.
NodeDescription describe_resize(const Graph& graph, const Node& node) {
  const NodeView view(graph, node, std::nullopt);
  const bool has_region = node.op == "Resize" && view.opset() >= 11;
  NodeDescription description;
  description.kind = NodeKind::resize;
  description.sampling = read_sampling(view);
  const bool has_sizes =
      has_region && view.has_input(3) && !(view.constant(3).defined() && view.constant(3).numel() == 0);
  if (has_sizes) return description;
  const auto constant = view.constant(has_region ? 2 : 1);
  auto scales = view.numbers("scales");
  if (constant.defined() && constant.numel() == kMapRank) {
    const auto numbers = constant.to(at::kDouble).contiguous();
    scales.assign(numbers.data_ptr<double>(), numbers.data_ptr<double>() + kMapRank);
  }
  if (scales.size() != kMapRank) return {};
  description.scales[0] = scales[2];
  description.scales[1] = scales[3];
  return description;
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
  if (node.op == "LeakyRelu" || node.op == "HardSigmoid") return describe_slope(graph, node);
  if (node.op == "Resize" || node.op == "Upsample") return describe_resize(graph, node);
  if (node.op == "Relu" || node.op == kReluInPlaceOp) {
    description.kind = NodeKind::activation;
    description.activation.kind = Epilogue::Kind::relu;
  }
  if (node.op == "HardSwish") description.kind = NodeKind::hard_swish;
  if (node.op == "GlobalAveragePool") description.kind = NodeKind::global_average_pool;
  if (node.op == "Mul" && is_varying(graph, node, 1)) description.kind = NodeKind::multiply;
  if (node.op == kScaleShiftOp) description.kind = NodeKind::scale_shift;
  if (node.op == "Add" && is_varying(graph, node, 1)) description.kind = NodeKind::add;
  if (node.op == "Concat") {
    const auto axis = NodeView(graph, node, std::nullopt).integer("axis", 0);
    bool all = true;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) all = all && is_varying(graph, node, i);
    if (all && (axis == 1 || axis == -3)) description.kind = NodeKind::concat;
  }
  return description;
}

}  // namespace dreamreel::network
