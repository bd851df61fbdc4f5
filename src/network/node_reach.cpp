#include "node_reach.h"

#include <ATen/core/Tensor.h>

#include <set>
#include <tuple>
#include <utility>

#include "ops.h"

namespace dreamreel::network {
namespace {

bool is_pointwise(const std::string& op) {
  static const std::set<std::string> kPointwise{
      "Abs",         "Acos",        "Acosh",     "Add",        "Asin",      "Asinh",
      "Atan",        "Atanh",       "Cast",      "Celu",       "Clip",      "Cos",
      "Cosh",        "Div",         "Dropout",   "Elu",        "Erf",       "Exp",
      "Gelu",        "HardSigmoid", "HardSwish", "Identity",   "LeakyRelu", "Log",
      "Max",         "Mean",        "Min",       "Mish",       "Mul",       "Neg",
      "PRelu",       "Pow",         "Relu",      "Reciprocal", "Selu",      "Shrink",
      "Sigmoid",     "Sin",         "Sinh",      "Softplus",   "Softsign",  "Sqrt",
      "Sub",         "Sum",         "Swish",     "Tan",        "Tanh",      "ThresholdedRelu",
      kReluInPlaceOp};
  return kPointwise.contains(op);
}

/// The axis that a node works along, for operators that see the whole axis at one position and nothing else.
/// Inputs after the first have one number for each index along this axis, or one for all.
std::optional<std::int64_t> axis_of(const NodeView& view) {
  static const std::set<std::string> kFirst{"BatchNormalization", "LRN", kScaleShiftOp};
  static const std::set<std::string> kLast{"LayerNormalization", "RMSNormalization", "LpNormalization"};
  const auto& op = view.op();
  if (kFirst.contains(op)) return 1;
  if (kLast.contains(op)) {
    const auto axis = view.integer("axis", -1);
    if (op == "LpNormalization" || axis == -1 || axis == 3) return axis;
    return {};
  }
  if (op == "Concat" || op == "Split") return view.integer("axis", 0);
  if ((op == "Softmax" || op == "LogSoftmax") && view.opset() >= 13) return view.integer("axis", -1);
  return {};
}

/// Whether a constant is the same at every position. A constant that differs from position to position ties a
/// map to its place in the picture. `channels` is the axis, of four, along which it may differ.
bool is_the_same_everywhere(const at::Tensor& constant, std::int64_t channels) {
  const auto dims = constant.dim();
  if (constant.numel() <= 1) return true;
  if (dims > 4) return false;
  for (std::int64_t dim = 0; dim < dims; ++dim) {
    const auto axis = dim + 4 - dims;  // when it is broadcast over a map
    if (axis != 0 && axis != channels && constant.size(dim) != 1) return false;
  }
  return true;
}

Reach reach_of_transpose(const NodeView& view) {
  const auto order = view.integers("perm");
  if (order == Sizes{0, 3, 1, 2}) return Reach::turn_first;
  return order == Sizes{0, 2, 3, 1} ? Reach::turn_last : Reach::all;
}

/// Parameters of a normalisation differ along the axis only. A constant that is concatenated is a map.
void look_along(NodeReach& found, std::int64_t along, bool constants_are_maps) {
  found.reach = Reach::channelwise;
  found.axis = along < 0 ? along + 4 : along;
  if (!constants_are_maps) found.fits_first = found.fits_last = true;
}

void look_at_window(NodeReach& found, const NodeView& view, bool is_conv) {
  found.window.emplace(view);
  const auto weight = is_conv ? view.constant(1) : at::Tensor();
  if (is_conv && (!weight.defined() || weight.dim() != 4)) return;
  if (weight.defined() && view.integer("group", 1) == 1)
    std::tie(found.out_channels, found.in_channels) = std::pair(weight.size(0), weight.size(1));
  found.kernel = weight.defined() ? weight.sizes().slice(2).vec() : found.window->kernel().vec();
  if (found.kernel.size() == kPictureAxes) found.reach = Reach::window;
}

/// A map with an output_shape of its own does not grow with the picture, so it stays `all`.
void look_at_transposed(NodeReach& found, const NodeView& view) {
  const auto weight = view.constant(1);
  if (!weight.defined() || weight.dim() != 4 || view.has("output_shape")) return;
  found.window.emplace(view);
  found.kernel = weight.sizes().slice(2).vec();
  found.more = view.integers("output_padding");
  found.reach = Reach::transposed;
}

void look_at_pad(NodeReach& found, const NodeView& view) {
  if (view.has_input(1) && !view.constant(1).defined()) return;  // known only when the node runs
  const auto pads = IntegerList(view, "pads", 1).get({});
  if (!pads || pads->size() != 8 || found.inputs.size() != 1) return;
  found.pad_before = {(*pads)[2], (*pads)[3]};
  if ((*pads)[0] == 0 && (*pads)[1] == 0 && (*pads)[4] == 0 && (*pads)[5] == 0) found.reach = Reach::pad;
}

void look_at(NodeReach& found, const NodeView& view, const Node& node) {
  if (node.op == "Conv" || node.op == "MaxPool" || node.op == "AveragePool") {
    look_at_window(found, view, node.op == "Conv");
  } else if (node.op == "ConvTranspose") {
    look_at_transposed(found, view);
  } else if (node.op == "Transpose") {
    found.reach = reach_of_transpose(view);
  } else if (node.op == "Pad") {
    look_at_pad(found, view);
  } else if (node.op == "MatMul") {
    const auto weight = view.constant(1);
    if (weight.defined() && weight.dim() == 2)
      found.reach = Reach::channelwise, found.axis = 3, found.fits_last = true;
  } else if (const auto along = axis_of(view)) {
    const bool is_list = node.op == "Concat";
    if (is_list || found.inputs.size() == 1) look_along(found, *along, is_list);
  } else if (is_pointwise(node.op)) {
    found.reach = Reach::pointwise;
  }
}

}  // namespace

NodeReach reach_of(const Graph& graph, const Node& node) {
  NodeReach found;
  found.label = describe(graph, node);
  for (const auto input : node.inputs) {
    if (input == kNoValue) continue;
    const auto constant = graph.constants.find(input);
    if (constant == graph.constants.end()) {
      found.inputs.push_back(input);
      continue;
    }
    found.fits_first = found.fits_first && is_the_same_everywhere(constant->second, 1);
    found.fits_last = found.fits_last && is_the_same_everywhere(constant->second, 3);
  }
  for (const auto output : node.outputs)
    if (output != kNoValue) found.outputs.push_back(output);
  look_at(found, NodeView(graph, node, std::nullopt), node);
  return found;
}

}  // namespace dreamreel::network
