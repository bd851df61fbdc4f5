#include "dreamreel/network/layer_list.h"

#include <algorithm>
#include <map>
#include <set>

#include "channel_axes.h"
#include "dreamreel/core/error.h"
#include "layers.h"
#include "onnx_reader.h"
#include "open_reshapes.h"
#include "ops.h"
#include "quantisers.h"
#include "rewrites.h"
#include "run_sizes.h"
#include "shapes.h"

namespace dreamreel::network {
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
