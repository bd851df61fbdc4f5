#include "quantisers.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "ops.h"

namespace dreamreel::network {
namespace {

/// The lowest and the highest number that a zero point of this type stands for.
std::optional<std::pair<double, double>> limits_of(at::ScalarType type) {
  switch (type) {
    case at::kByte:
      return std::pair(0.0, 255.0);
    case at::kChar:
      return std::pair(-128.0, 127.0);
    case at::kShort:
      return std::pair(-32768.0, 32767.0);
    case at::kInt:  // uint16 is read as this type
      return std::pair(0.0, 65535.0);
    default:
      return {};
  }
}

double as_double(const at::Tensor& tensor) {
  return tensor.to(at::kDouble).item<double>();
}

/// Whether both nodes have one number, the same one, as input `index`.
bool agree(const NodeView& first, const NodeView& second, std::size_t index) {
  const auto a = first.constant(index), b = second.constant(index);
  return a.defined() && b.defined() && a.numel() == 1 && b.numel() == 1 &&
         a.scalar_type() == b.scalar_type() && as_double(a) == as_double(b);
}

/// The numbers that a pair can give: `low` to `high`, float32.
struct Range {
  at::Tensor low, high;
};

/// The range of a pair with one scale and one zero point, the same in both nodes. Pairs with a scale for each
/// channel have no range. Only stored weights have such pairs.
std::optional<Range> range_of(const Graph& graph, const Node& quantise, const Node& dequantise) {
  if (quantise.op != "QuantizeLinear" || quantise.inputs.size() < 2 || quantise.inputs[0] == kNoValue)
    return {};
  const NodeView first(graph, quantise, std::nullopt), second(graph, dequantise, std::nullopt);
  const bool has_zero = first.has_input(2);
  if (!agree(first, second, 1) || has_zero != second.has_input(2) || (has_zero && !agree(first, second, 2)))
    return {};
  if (!has_zero && first.has("output_dtype")) return {};
  const auto zero_point = has_zero ? first.constant(2) : at::zeros({1}, at::kByte);
  const auto limits = limits_of(zero_point.scalar_type());
  const auto scale = as_double(first.constant(1));
  if (!limits || !(scale > 0)) return {};
  const auto place = [&](double limit) {
    constexpr double kMost = std::numeric_limits<float>::max();
    return at::scalar_tensor(std::clamp((limit - as_double(zero_point)) * scale, -kMost, kMost), at::kFloat);
  };
  return Range{place(limits->first), place(limits->second)};
}

}  // namespace

void pair_quantisers(Graph& graph) {
  const auto producers = find_producers(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    auto& node = graph.nodes[i];
    if (node.op != "DequantizeLinear" || node.inputs.empty() || node.inputs[0] == kNoValue) continue;
    const auto quantiser = producers[static_cast<std::size_t>(node.inputs[0])];
    if (quantiser < 0) continue;
    const auto& before = graph.nodes[static_cast<std::size_t>(quantiser)];
    const auto range = range_of(graph, before, node);
    if (!range) continue;
    const auto name = label_of(graph, node);
    const auto low = graph.add_value(name + ".low"), high = graph.add_value(name + ".high");
    graph.constants[low] = range->low;
    graph.constants[high] = range->high;
    node.op = "Clip";
    node.inputs = {before.inputs[0], low, high};
    node.attributes.clear();
  }
}

void drop_unused_quantisers(Graph& graph) {
  const auto uses = count_uses(graph);
  std::erase_if(graph.nodes, [&](const Node& node) {
    return node.op == "QuantizeLinear" && std::ranges::all_of(node.outputs, [&](ValueId output) {
             return output == kNoValue || (uses[static_cast<std::size_t>(output)] == 0 &&
                                           std::ranges::find(graph.outputs, output) == graph.outputs.end());
           });
  });
}

}  // namespace dreamreel::network
