#include "layers.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "channel_axes.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/network/network.h"
#include "onnx_reader.h"
#include "open_reshapes.h"
#include "ops.h"
#include "passes.h"
#include "run_sizes.h"
#include "shapes.h"

namespace dreamreel::network {
namespace {

std::string prefix(const Graph& graph) {
  return fmt::format("network '{}': ", graph.source);
}

/// The value that a node's name stands for: its first output.
ValueId main_output(const Node& node) {
  return node.outputs.empty() ? kNoValue : node.outputs[0];
}

/// The numbers that a classifier decides by: the file's first output, before a softmax and other operators
/// that keep their order or their values.
ValueId find_classes(const Graph& graph) {
  static const std::set<std::string> kAfter{"Softmax", "LogSoftmax", "Identity", "Flatten", "Squeeze",
                                            "Reshape", "Cast",       "Dropout",  "Sigmoid"};
  const auto producers = find_producers(graph);
  auto value = graph.outputs.empty() ? kNoValue : graph.outputs.front();
  while (value != kNoValue) {
    const auto producer = producers[static_cast<std::size_t>(value)];
    if (producer < 0) return kNoValue;
    const auto& node = graph.nodes[static_cast<std::size_t>(producer)];
    if (!kAfter.contains(node.op) || node.inputs.empty()) return value;
    value = node.inputs[0];
  }
  return kNoValue;
}

ValueId find_value(const Graph& graph, const std::string& name) {
  for (const auto& node : graph.nodes) {
    if (node.name == name && main_output(node) != kNoValue) return main_output(node);
  }
  const auto alias = graph.aliases.find(name);
  if (alias != graph.aliases.end()) return alias->second;
  for (const auto& node : graph.nodes) {
    for (const auto output : node.outputs) {
      if (output != kNoValue && graph.name_of(output) == name) return output;
    }
  }
  return name == kClassesLayer ? find_classes(graph) : kNoValue;
}

/// For each node, whether it and all nodes that it depends on are supported.
std::vector<bool> find_usable(const Graph& graph, const std::vector<std::string>& reasons) {
  std::vector<bool> broken(graph.value_names.size(), false);
  std::vector<bool> usable;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto& node = graph.nodes[i];
    usable.push_back(reasons[i].empty() && std::ranges::none_of(node.inputs, [&](ValueId input) {
                       return input != kNoValue && broken[static_cast<std::size_t>(input)];
                     }));
    for (const auto output : node.outputs) {
      if (output != kNoValue && !usable.back()) broken[static_cast<std::size_t>(output)] = true;
    }
  }
  return usable;
}

/// For each node, whether its results are activations: numbers that follow from the picture's numbers.
std::vector<bool> find_activations(const Graph& graph) {
  const auto dependent = find_dependent(graph);
  const auto host = find_host_values(graph);
  std::vector<bool> activations;
  for (const auto& node : graph.nodes) {
    const auto output = main_output(node);
    activations.push_back(output != kNoValue && dependent[static_cast<std::size_t>(output)] &&
                          !host[static_cast<std::size_t>(output)]);
  }
  return activations;
}

std::vector<std::string> layer_names(const Graph& graph) {
  std::vector<std::string> names;
  const auto activations = find_activations(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (activations[i]) names.push_back(label_of(graph, graph.nodes[i]));
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (activations[i]) names.push_back(graph.name_of(main_output(graph.nodes[i])));
  }
  for (const auto& [name, value] : graph.aliases) names.push_back(name);
  return names;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += "'" + names[i] + "'";
  }
  return text;
}

}  // namespace

std::vector<std::int64_t> PictureInput::sizes(std::int64_t height, std::int64_t width) const {
  if (channels_last) return {1, height, width, 3};
  return {1, 3, height, width};
}

namespace {

/// The input as a picture. The file may declare (N,3,H,W) or (N,H,W,3), completely or in part.
PictureInput as_picture(const Graph& graph, const GraphInput& input) {
  const auto& dims = input.dims;
  PictureInput result{input.value};
  if (dims.empty()) return result;
  result.channels_last = dims.size() == 4 && dims[3] == 3 && dims[1] != 3;
  const auto channels = dims.size() == 4 ? dims[result.channels_last ? 3 : 1] : 0;
  if (channels != 3 && channels != -1) {
    std::string found;
    for (const auto dim : dims) found += (found.empty() ? "" : "x") + (dim < 0 ? "?" : std::to_string(dim));
    throw InputError(fmt::format("{}expected its input '{}' to take colour pictures (Nx3xHxW), found {}",
                                 prefix(graph), graph.name_of(result.value), found));
  }
  if (dims.size() != 4) return result;
  result.declared_side = std::max<std::int64_t>(dims[result.channels_last ? 1 : 2], 0);
  result.declared_width = std::max<std::int64_t>(dims[result.channels_last ? 2 : 3], 0);
  return result;
}

/// How much an input looks like a picture, in points.
int likeness(const GraphInput& input) {
  const auto& dims = input.dims;
  const int points = input.is_float ? 1 : 0;
  if (dims.size() == 4 && (dims[1] == 3 || dims[3] == 3)) return points + 6;
  if (dims.size() == 4 && dims[1] == -1) return points + 4;
  return dims.empty() ? points + 2 : points;
}

std::string input_names(const Graph& graph) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(graph.inputs.size(), kShown); ++i)
    names.push_back(graph.name_of(graph.inputs[i].value));
  return join(names) + (graph.inputs.size() > kShown ? " and more" : "");
}

}  // namespace

PictureInput find_picture_input(const Graph& graph) {
  if (graph.inputs.empty()) throw InputError(prefix(graph) + "expected one input, a picture, found none");
  if (graph.inputs.size() > 1)
    throw InputError(
        fmt::format("{}the wanted layers need the inputs {}, expected one input, a picture ('dreamreel "
                    "layers' lists the layers that need no other)",
                    prefix(graph), input_names(graph)));
  return as_picture(graph, graph.inputs[0]);
}

void put_picture_first(Graph& graph) {
  if (graph.inputs.size() < 2) return;
  const auto picture = std::ranges::max_element(graph.inputs, {}, likeness);
  std::rotate(graph.inputs.begin(), picture, picture + 1);
}

std::vector<ValueId> find_layers(const Graph& graph, const std::vector<std::string>& names) {
  const auto dependent = find_dependent(graph);
  const auto host = find_host_values(graph);
  std::vector<ValueId> values;
  for (const auto& name : names) {
    const auto value = find_value(graph, name);
    if (value == kNoValue) {
      throw JobError(fmt::format("{}has no layer '{}'{} ('dreamreel layers' lists them all)", prefix(graph),
                                 name, did_you_mean(name, layer_names(graph))));
    }
    if (!dependent[static_cast<std::size_t>(value)] || host[static_cast<std::size_t>(value)]) {
      throw JobError(
          fmt::format("{}'{}' has no activations to dream of: it does not follow from the picture's colours "
                      "('dreamreel layers' lists the layers that do)",
                      prefix(graph), name));
    }
    values.push_back(value);
  }
  return values;
}

void check_supported(const Graph& graph, const std::vector<ValueId>& wanted) {
  auto needed = graph;
  cut(needed, wanted);
  const auto reasons = find_unsupported(needed);
  const auto broken =
      std::ranges::find_if(reasons, [](const std::string& reason) { return !reason.empty(); });
  if (broken == reasons.end()) return;
  const auto usable = find_usable(needed, reasons);
  const auto activations = find_activations(needed);
  std::vector<std::string> deepest;
  constexpr std::size_t kShown = 3;
  for (std::size_t i = needed.nodes.size(); i-- > 0 && deepest.size() < kShown;) {
    if (usable[i] && activations[i]) deepest.insert(deepest.begin(), label_of(needed, needed.nodes[i]));
  }
  const auto& node = needed.nodes[static_cast<std::size_t>(broken - reasons.begin())];
  throw UnavailableError(fmt::format(
      "{}cannot run {}, which the wanted layers need: {}{}", prefix(graph), describe(needed, node), *broken,
      deepest.empty() ? "; no layer before it can be used"
                      : "; the deepest layers before it that can be used: " + join(deepest)));
}

namespace {

/// Finds the scale of layers from their sizes at several sizes of picture. The borders that a network cuts
/// off do not matter this way. Also finds layers that run at one size only.
class LayerSizes {
 public:
  /// The graph's first input has to be the picture.
  explicit LayerSizes(const Graph& graph, const PictureInput& input, std::optional<PictureSize> own)
      : finder_(graph), input_(input), own_(own) {
    small_ = finder_.find(input_.sizes(kSmall));
    large_ = finder_.find(input_.sizes(kLarge));
    // No stride divides these. There are two sizes: deep layers need a large picture, but large shapes may be
    // too much.
    odd_ = finder_.find(input_.sizes(389, 517));
    large_odd_ = finder_.find(input_.sizes(773, 1029));
    if (own_) at_own_ = finder_.find(input_.sizes(own_->height, own_->width));
    axes_ = find_channel_axes(graph, at_own_ ? *at_own_ : small_);
  }

  void fill(LayerInfo& layer, ValueId value) const {
    const auto index = static_cast<std::size_t>(value);
    const auto& small = small_.sizes[index];
    const auto& large = large_.sizes[index];
    const bool is_open = odd_.sizes[index] || large_odd_.sizes[index];
    const auto& own = at_own_ ? at_own_->sizes[index] : small;
    const auto& any = is_open && small ? small : own ? own : small;
    if (!is_open && own) layer.only_size = own_;
    layer.scale = 0;
    if (!any) return;
    const auto side =
        &any == &small ? PictureSize{kSmall, kSmall} : own_.value_or(PictureSize{kSmall, kSmall});
    const auto map = map_sizes(*any, axes_[index], 1, side.height, side.width);
    layer.channels = any->size() >= 2 ? map.channels : 0;
    if (!map.is_grid) return;
    if (is_open && small && large) {
      const auto height = map.height;
      const auto taller = map_sizes(*large, axes_[index], 1, kLarge, kLarge).height;
      if (taller > height)
        layer.scale = static_cast<double>(kLarge - kSmall) / static_cast<double>(taller - height);
    } else if (map.height > 1 && layer.only_size) {
      layer.scale = static_cast<double>(side.height) / static_cast<double>(map.height);
    }
  }

 private:
  // The difference is a multiple of every stride in use, so that the scale is exact.
  static constexpr std::int64_t kSmall = 512, kLarge = 1024;

  ShapeFinder finder_;
  PictureInput input_;
  std::optional<PictureSize> own_;
  Shapes small_, large_, odd_, large_odd_;
  std::optional<Shapes> at_own_;
  std::vector<std::int64_t> axes_;
};

/// Returns the size that the last usable value runs at, if it is the only one. Then also opens the graph's
/// reshapes to other sizes, as load() does.
std::optional<PictureSize> open_for_listing(Graph& graph, const PictureInput& input,
                                            const std::vector<bool>& usable,
                                            const std::vector<ValueId>& others) {
  ValueId last = kNoValue;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto output = main_output(graph.nodes[i]);
    if (output != kNoValue && usable[i] && others[static_cast<std::size_t>(output)] == kNoValue)
      last = output;
  }
  if (last == kNoValue) return {};
  SizeSearch search(graph, input, {last});
  std::optional<PictureSize> own;
  try {
    own = search.find().only;
  } catch (const InputError&) {
    return {};  // a graph that fails at every size is listed without sizes
  }
  if (!own) return {};
  if (auto open = with_open_reshapes(graph, input, *own)) graph = std::move(*open);
  return own;
}

/// For each node, LayerInfo::leads_to_activation.
std::vector<bool> find_leading(const Graph& graph) {
  static const std::set<std::string> kActivations{
      "BatchNormalization", "Relu",      "LeakyRelu", "PRelu",   "Elu", "Selu", "Clip", "Sigmoid",
      "HardSigmoid",        "HardSwish", "Tanh",      "Softplus"};
  const auto uses = count_uses(graph);
  const auto producers = find_producers(graph);
  std::vector<bool> leading(graph.nodes.size(), false);
  for (const auto& node : graph.nodes) {
    if (!kActivations.contains(node.op) || node.inputs.empty() || node.inputs[0] == kNoValue) continue;
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    if (producers[input] >= 0 && uses[input] == 1) leading[static_cast<std::size_t>(producers[input])] = true;
  }
  return leading;
}

/// For each value, an input that it depends on other than the first, which is the picture; kNoValue if none.
std::vector<ValueId> find_other_inputs(const Graph& graph) {
  std::vector<ValueId> others(graph.value_names.size(), kNoValue);
  for (std::size_t i = 1; i < graph.inputs.size(); ++i)
    others[static_cast<std::size_t>(graph.inputs[i].value)] = graph.inputs[i].value;
  for (const auto& node : graph.nodes) {
    auto other = kNoValue;
    for (const auto input : node.inputs)
      if (input != kNoValue && other == kNoValue) other = others[static_cast<std::size_t>(input)];
    for (const auto output : node.outputs)
      if (output != kNoValue) others[static_cast<std::size_t>(output)] = other;
  }
  return others;
}

Graph read_for_listing(const std::filesystem::path& path) {
  auto graph = read_graph(path);
  fold_constants(graph);
  pair_quantisers(graph);
  drop_unused_quantisers(graph);
  if (graph.inputs.empty()) find_picture_input(graph);  // throws, and says why
  put_picture_first(graph);
  return graph;
}

}  // namespace

std::vector<LayerInfo> list_layers(const std::filesystem::path& path) {
  auto graph = read_for_listing(path);
  const auto usable = find_usable(graph, find_unsupported(graph));
  const auto activations = find_activations(graph);
  const auto others = find_other_inputs(graph);
  const auto input = as_picture(graph, graph.inputs.at(0));
  const auto own = open_for_listing(graph, input, usable, others);
  const auto leading = find_leading(graph);
  const LayerSizes sizes(graph, input, own);
  std::multimap<ValueId, std::string> aliases;
  for (const auto& [name, value] : graph.aliases) aliases.emplace(value, name);
  std::vector<LayerInfo> layers;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!activations[i]) continue;
    const auto& node = graph.nodes[i];
    const auto output = main_output(node);
    const auto op = node.op == kReshapeLikeOp ? std::string("Reshape") : node.op;
    LayerInfo layer{label_of(graph, node), graph.name_of(output), op};
    sizes.fill(layer, output);
    const auto other = others[static_cast<std::size_t>(output)];
    if (other != kNoValue) layer.needs = graph.name_of(other);
    layer.usable = usable[i] && other == kNoValue;
    layer.leads_to_activation = leading[i];
    const auto [first, last] = aliases.equal_range(output);
    for (auto alias = first; alias != last; ++alias)
      if (alias->second != layer.name && alias->second != layer.tensor)
        layer.aliases.push_back(alias->second);
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace dreamreel::network
