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
#include "window.h"
#include "winograd.h"

namespace dreamreel::network {
namespace {

/// How a node looks at its inputs.
enum class Reach {
  pointwise,  ///< each position sees the one of its inputs at the same place
  window,
  pad,
  turn_last,   ///< (N,H,W,C) from (N,C,H,W)
  turn_first,  ///< and back
  all,         ///< anything else: it may see all of the picture
};

constexpr std::size_t kAxes = 2;
using Sizes = std::vector<std::int64_t>;

/// Of one value: the pixels that a position sees along each axis, [p * stride - before, p * stride + after].
struct Seen {
  std::array<AxisField, kAxes> axes;
  bool channels_last = false;
  std::string blocker;

  std::size_t dim(std::size_t axis) const { return axis + (channels_last ? 1 : 2); }
};

bool is_pointwise(const std::string& op) {
  static const std::set<std::string> kPointwise{"Relu",        "LeakyRelu",   "PRelu",
                                                "Elu",         "Selu",        "Clip",
                                                "Sigmoid",     "HardSigmoid", "Softplus",
                                                "Tanh",        "Abs",         "Neg",
                                                "Exp",         "Log",         "Sqrt",
                                                "HardSwish",   "Cast",        "Identity",
                                                "Dropout",     "Add",         "Sub",
                                                "Mul",         "Div",         "Pow",
                                                "Sum",         "Mean",        "Max",
                                                "Min",         "LRN",         "Softsign",
                                                "Reciprocal",  "Erf",         "BatchNormalization",
                                                kScaleShiftOp, kReluInPlaceOp};
  return kPointwise.contains(op);
}

/// A constant that differs from place to place ties a map to its place in the picture.
bool is_the_same_everywhere(const at::Tensor& constant) {
  const auto dims = constant.dim();
  return dims < 2 || constant.numel() <= 1 ||
         (dims <= 4 && constant.size(dims - 1) == 1 && constant.size(dims - 2) == 1);
}

Reach reach_of_transpose(const NodeView& view) {
  const auto order = view.integers("perm");
  if (order == Sizes{0, 3, 1, 2}) return Reach::turn_first;
  return order == Sizes{0, 2, 3, 1} ? Reach::turn_last : Reach::all;
}

}  // namespace

struct ReceptiveFields::Step {
  Reach reach = Reach::all;
  std::string label;
  std::vector<ValueId> inputs, outputs;  ///< inputs: those that are no constants
  std::optional<Window> window;
  std::int64_t in_channels = 0, out_channels = 0;  ///< of a convolution without groups
  Sizes kernel;
  std::array<std::int64_t, kAxes> pad_before{0, 0};

  static Step of(const Graph& graph, const Node& node) {
    Step step;
    step.label = describe(graph, node);
    bool fits = true;
    for (const auto input : node.inputs) {
      if (input == kNoValue) continue;
      const auto constant = graph.constants.find(input);
      if (constant == graph.constants.end())
        step.inputs.push_back(input);
      else
        fits = fits && is_the_same_everywhere(constant->second);
    }
    for (const auto output : node.outputs)
      if (output != kNoValue) step.outputs.push_back(output);
    step.look_at(NodeView(graph, node, std::nullopt), node, fits);
    return step;
  }

  void look_at(const NodeView& view, const Node& node, bool constants_fit) {
    if (node.op == "Conv" || node.op == "MaxPool" || node.op == "AveragePool") {
      window.emplace(view);
      const auto weight = node.op == "Conv" ? view.constant(1) : at::Tensor();
      if (node.op == "Conv" && (!weight.defined() || weight.dim() != 4)) return;
      if (weight.defined() && view.integer("group", 1) == 1)
        std::tie(out_channels, in_channels) = std::pair(weight.size(0), weight.size(1));
      kernel = weight.defined() ? weight.sizes().slice(2).vec() : window->kernel().vec();
      if (kernel.size() == kAxes) reach = Reach::window;
    } else if (node.op == "Transpose") {
      reach = reach_of_transpose(view);
    } else if (node.op == "Concat" || node.op == "Split") {
      const auto axis = view.integer("axis", 0);
      if (constants_fit && (axis == 1 || axis == -3)) reach = Reach::pointwise;
    } else if (node.op == "Pad") {
      const auto pads = IntegerList(view, "pads", 1).get({});
      if (!pads || pads->size() != 8 || inputs.size() != 1) return;
      pad_before = {(*pads)[2], (*pads)[3]};
      if ((*pads)[0] == 0 && (*pads)[1] == 0 && (*pads)[4] == 0 && (*pads)[5] == 0) reach = Reach::pad;
    } else if (is_pointwise(node.op) && constants_fit) {
      reach = Reach::pointwise;
    }
  }

  Seen through(const Seen& seen, const Sizes& sizes, std::optional<at::ScalarType> by_winograd) const {
    Seen result = seen;
    switch (reach) {
      case Reach::pointwise:
        return result;
      case Reach::turn_last:
        result.channels_last = true;
        if (!seen.channels_last) return result;
        break;
      case Reach::turn_first:
        result.channels_last = false;
        if (seen.channels_last) return result;
        break;
      case Reach::pad:
        if (seen.channels_last) break;
        for (std::size_t axis = 0; axis < kAxes; ++axis) shift(result.axes[axis], pad_before[axis], 0);
        return result;
      case Reach::window: {
        if (seen.channels_last) break;
        const auto windows = window->place(Sizes{sizes[2], sizes[3]}, kernel);
        const auto tile = may_be_winograd(by_winograd) ? winograd_tile(windows[0], windows[1]) : std::nullopt;
        for (std::size_t axis = 0; axis < kAxes; ++axis) {
          auto& field = result.axes[axis];
          shift(field, windows[axis].before, windows[axis].extent() - 1);
          field.stride *= windows[axis].stride;
          field.alignment = std::lcm(field.alignment, field.stride * (tile ? tile->size : 1));
          if (tile) field.spread += tile->spread * field.stride;
        }
        return result;
      }
      case Reach::all:
        break;
    }
    result.blocker = label;
    return result;
  }

  bool may_be_winograd(std::optional<at::ScalarType> type) const {
    return type && out_channels > 0 && suits_winograd(in_channels, out_channels, *type);
  }

  /// From `before` positions earlier on, `extent` of them more.
  static void shift(AxisField& axis, std::int64_t before, std::int64_t extent) {
    axis.before += before * axis.stride;
    axis.after += (extent - before) * axis.stride;
  }

  /// Both at once: what a sum or a concatenation sees.
  void join(Seen& seen, const Seen& other) const {
    if (seen.blocker.empty()) seen.blocker = other.blocker;
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
      auto& mine = seen.axes[axis];
      const auto& its = other.axes[axis];
      if (mine.stride != its.stride || seen.channels_last != other.channels_last) {
        if (seen.blocker.empty()) seen.blocker = label;
        return;
      }
      mine.before = std::max(mine.before, its.before);
      mine.after = std::max(mine.after, its.after);
      mine.spread = std::max(mine.spread, its.spread);
      mine.alignment = std::lcm(mine.alignment, its.alignment);
    }
  }
};

ReceptiveFields::ReceptiveFields(const Graph& graph, const std::vector<ValueId>& wanted)
    : wanted_(wanted), input_(find_picture_input(graph)), shapes_(graph) {
  for (const auto& node : graph.nodes) steps_.push_back(Step::of(graph, node));
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
