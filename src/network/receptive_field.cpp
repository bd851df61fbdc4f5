#include "receptive_field.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "ops.h"
#include "sliding_window.h"
#include "winograd.h"

namespace dreamreel::network {

/// How a node reads its inputs.
enum class Reach {
  pointwise,    ///< each position sees the same position of each input
  channelwise,  ///< likewise if it works along the axis of the channels; else `all`
  window,
  transposed,  ///< the inverse of a window: each position makes a window
  pad,
  turn_last,   ///< (N,H,W,C) from (N,C,H,W)
  turn_first,  ///< (N,C,H,W) from (N,H,W,C)
  all,         ///< any other way; it may see the whole picture
};

namespace {

constexpr std::size_t kAxes = 2;

/// For one value: the pixels that a position sees along each axis, [p * stride - before, p * stride + after].
struct Seen {
  std::array<AxisField, kAxes> axes;
  bool channels_last = false;
  std::string blocker;

  std::size_t dim(std::size_t axis) const { return axis + (channels_last ? 1 : 2); }
};

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

}  // namespace

struct ReceptiveFields::FieldStep {
  Reach reach = Reach::all;
  std::string label;
  std::vector<ValueId> inputs, outputs;  ///< inputs: without constants
  std::optional<SlidingWindow> window;
  std::int64_t in_channels = 0, out_channels = 0;  ///< of a convolution without groups
  Sizes kernel, more;                              ///< more: output_padding of a transposed convolution
  std::array<std::int64_t, kAxes> pad_before{0, 0};
  std::int64_t axis = 0;  ///< for `channelwise`
  /// Whether the constants are the same at every position, in (N,C,H,W) and in (N,H,W,C).
  bool fits_first = true, fits_last = true;

  static FieldStep of(const Graph& graph, const Node& node) {
    FieldStep step;
    step.label = describe(graph, node);
    for (const auto input : node.inputs) {
      if (input == kNoValue) continue;
      const auto constant = graph.constants.find(input);
      if (constant == graph.constants.end()) {
        step.inputs.push_back(input);
        continue;
      }
      step.fits_first = step.fits_first && is_the_same_everywhere(constant->second, 1);
      step.fits_last = step.fits_last && is_the_same_everywhere(constant->second, 3);
    }
    for (const auto output : node.outputs)
      if (output != kNoValue) step.outputs.push_back(output);
    step.look_at(NodeView(graph, node, std::nullopt), node);
    return step;
  }

  void look_at(const NodeView& view, const Node& node) {
    if (node.op == "Conv" || node.op == "MaxPool" || node.op == "AveragePool") {
      look_at_window(view, node.op == "Conv");
    } else if (node.op == "ConvTranspose") {
      look_at_transposed(view);
    } else if (node.op == "Transpose") {
      reach = reach_of_transpose(view);
    } else if (node.op == "Pad") {
      look_at_pad(view);
    } else if (node.op == "MatMul") {
      const auto weight = view.constant(1);
      if (weight.defined() && weight.dim() == 2) reach = Reach::channelwise, axis = 3, fits_last = true;
    } else if (const auto along = axis_of(view)) {
      const bool is_list = node.op == "Concat";
      if (is_list || inputs.size() == 1) look_along(*along, is_list);
    } else if (is_pointwise(node.op)) {
      reach = Reach::pointwise;
    }
  }

  /// Parameters of a normalisation differ along the axis only. A constant that is concatenated is a map.
  void look_along(std::int64_t along, bool constants_are_maps) {
    reach = Reach::channelwise;
    axis = along < 0 ? along + 4 : along;
    if (!constants_are_maps) fits_first = fits_last = true;
  }

  void look_at_window(const NodeView& view, bool is_conv) {
    window.emplace(view);
    const auto weight = is_conv ? view.constant(1) : at::Tensor();
    if (is_conv && (!weight.defined() || weight.dim() != 4)) return;
    if (weight.defined() && view.integer("group", 1) == 1)
      std::tie(out_channels, in_channels) = std::pair(weight.size(0), weight.size(1));
    kernel = weight.defined() ? weight.sizes().slice(2).vec() : window->kernel().vec();
    if (kernel.size() == kAxes) reach = Reach::window;
  }

  /// A map with an output_shape of its own does not grow with the picture, so it stays `all`.
  void look_at_transposed(const NodeView& view) {
    const auto weight = view.constant(1);
    if (!weight.defined() || weight.dim() != 4 || view.has("output_shape")) return;
    window.emplace(view);
    kernel = weight.sizes().slice(2).vec();
    more = view.integers("output_padding");
    reach = Reach::transposed;
  }

  void look_at_pad(const NodeView& view) {
    if (view.has_input(1) && !view.constant(1).defined()) return;  // known only when the node runs
    const auto pads = IntegerList(view, "pads", 1).get({});
    if (!pads || pads->size() != 8 || inputs.size() != 1) return;
    pad_before = {(*pads)[2], (*pads)[3]};
    if ((*pads)[0] == 0 && (*pads)[1] == 0 && (*pads)[4] == 0 && (*pads)[5] == 0) reach = Reach::pad;
  }

  Seen through(const Seen& seen, const Sizes& sizes, std::optional<at::ScalarType> by_winograd) const {
    Seen result = seen;
    bool known = false;
    switch (reach) {
      case Reach::pointwise:
        known = seen.channels_last ? fits_last : fits_first;
        break;
      case Reach::channelwise:
        known = (seen.channels_last ? fits_last : fits_first) && axis == (seen.channels_last ? 3 : 1);
        break;
      case Reach::turn_last:
        result.channels_last = true;
        known = !seen.channels_last;
        break;
      case Reach::turn_first:
        result.channels_last = false;
        known = seen.channels_last;
        break;
      case Reach::pad:
        for (std::size_t i = 0; i < kAxes; ++i) shift(result.axes[i], pad_before[i], 0);
        known = !seen.channels_last;
        break;
      case Reach::window:
        known = !seen.channels_last && go_through_window(result, sizes, by_winograd);
        break;
      case Reach::transposed:
        known = !seen.channels_last && go_through_transposed(result, sizes);
        break;
      case Reach::all:
        break;
    }
    if (!known) result.blocker = label;
    return result;
  }

  bool go_through_window(Seen& seen, const Sizes& sizes, std::optional<at::ScalarType> by_winograd) const {
    const auto windows = window->place(Sizes{sizes[2], sizes[3]}, kernel);
    const auto tile = may_be_winograd(by_winograd) ? winograd_tile(windows[0], windows[1]) : std::nullopt;
    for (std::size_t i = 0; i < kAxes; ++i) {
      auto& field = seen.axes[i];
      shift(field, windows[i].before, windows[i].extent() - 1);
      field.stride *= windows[i].stride;
      field.period = std::lcm(field.period, field.stride);
      field.alignment = std::lcm(field.alignment, field.stride * (tile ? tile->size : 1));
      if (tile) field.spread += tile->spread * field.stride;
    }
    return true;
  }

  /// Position p reads the positions i of the input with i * stride between p + before - (extent - 1) and p +
  /// before. False if several positions would see the same pixels from the same place. Pixels have no finer
  /// positions to tell them apart.
  bool go_through_transposed(Seen& seen, const Sizes& sizes) const {
    const auto windows = window->place_transposed(Sizes{sizes[2], sizes[3]}, kernel, more, {});
    for (std::size_t i = 0; i < kAxes; ++i) {
      auto& field = seen.axes[i];
      if (field.stride % windows[i].stride != 0) return false;
      field.stride /= windows[i].stride;
      shift(field, windows[i].extent() - 1 - windows[i].before, windows[i].extent() - 1);
    }
    return true;
  }

  bool may_be_winograd(std::optional<at::ScalarType> type) const {
    return type && out_channels > 0 && suits_winograd(in_channels, out_channels, *type);
  }

  /// Extends the field by `extent` positions, `before` of them before it.
  static void shift(AxisField& field, std::int64_t before, std::int64_t extent) {
    field.before += before * field.stride;
    field.after += (extent - before) * field.stride;
  }

  /// Joins the fields of two inputs, for a sum or a concatenation.
  void join(Seen& seen, const Seen& other) const {
    if (seen.blocker.empty()) seen.blocker = other.blocker;
    for (std::size_t i = 0; i < kAxes; ++i) {
      auto& mine = seen.axes[i];
      const auto& its = other.axes[i];
      if (mine.stride != its.stride || seen.channels_last != other.channels_last) {
        if (seen.blocker.empty()) seen.blocker = label;
        return;
      }
      mine.before = std::max(mine.before, its.before);
      mine.after = std::max(mine.after, its.after);
      mine.spread = std::max(mine.spread, its.spread);
      mine.alignment = std::lcm(mine.alignment, its.alignment);
      mine.period = std::lcm(mine.period, its.period);
    }
  }
};

ReceptiveFields::ReceptiveFields(const Graph& graph, const std::vector<ValueId>& wanted)
    : wanted_(wanted), input_(find_picture_input(graph)), shapes_(graph) {
  for (const auto& node : graph.nodes) steps_.push_back(FieldStep::of(graph, node));
}

ReceptiveFields::~ReceptiveFields() = default;

std::vector<LayerField> ReceptiveFields::find(std::int64_t height, std::int64_t width,
                                              std::optional<at::ScalarType> by_winograd) const {
  const auto shapes = shapes_.find(input_.sizes(height, width));
  std::vector<std::optional<Seen>> all(shapes.sizes.size());
  all[static_cast<std::size_t>(input_.value)] = Seen{{}, input_.channels_last, ""};
  for (const auto& step : steps_) {
    std::optional<Seen> result;
    for (const auto id : step.inputs) {
      const auto& seen = all[static_cast<std::size_t>(id)];
      const auto& sizes = shapes.sizes[static_cast<std::size_t>(id)];
      if (!seen) continue;
      auto next = *seen;
      if (!sizes || sizes->size() != 4)
        next.blocker = next.blocker.empty() ? step.label : next.blocker;
      else if (next.blocker.empty())
        next = step.through(*seen, *sizes, by_winograd);
      if (result)
        step.join(*result, next);
      else
        result = next;
    }
    for (const auto output : step.outputs) all[static_cast<std::size_t>(output)] = result;
  }
  std::vector<LayerField> fields;
  for (const auto id : wanted_) {
    const auto& sizes = shapes.sizes[static_cast<std::size_t>(id)];
    const auto& seen = all[static_cast<std::size_t>(id)];
    LayerField field;
    if (!seen || !sizes || sizes->size() != 4 || seen->channels_last) {
      field.blocker = seen && !seen->blocker.empty() ? seen->blocker : "the layer's shape";
    } else {
      field = {seen->axes[0], seen->axes[1], (*sizes)[1], seen->blocker};
      field.y.positions = (*sizes)[2];
      field.x.positions = (*sizes)[3];
    }
    fields.push_back(field);
  }
  return fields;
}

}  // namespace dreamreel::network
