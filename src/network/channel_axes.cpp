#include "channel_axes.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <set>

#include "layers.h"
#include "ops.h"

namespace dreamreel::network {
namespace {

constexpr std::int64_t kUnknown = -1;
constexpr std::int64_t kMostExtraTokens = 8;  // a class token, a distillation token, registers
constexpr std::int64_t kMostPatch = 64;       // px

bool gives_channels_first(const std::string& op) {
  static const std::set<std::string> kFirst{"Conv",
                                            "ConvTranspose",
                                            "MaxPool",
                                            "AveragePool",
                                            "GlobalAveragePool",
                                            "GlobalMaxPool",
                                            "BatchNormalization",
                                            "InstanceNormalization",
                                            "GroupNormalization",
                                            "LRN",
                                            "DepthToSpace",
                                            "SpaceToDepth",
                                            "Gemm",
                                            kScaleShiftOp};
  return kFirst.contains(op);
}

std::int64_t product(const Sizes& sizes, std::size_t count) {
  std::int64_t product = 1;
  for (std::size_t i = 0; i < count; ++i) product *= sizes[i];
  return product;
}

/// Finds dimension `axis` of `from` in `to`, which holds the same numbers: the dimension that ends at the
/// same number. If the dimension is split, the last part of it is found.
std::int64_t moved_by_reshape(std::int64_t axis, const Sizes& from, const Sizes& to) {
  if (axis >= static_cast<std::int64_t>(from.size())) return kUnknown;
  const auto end = product(from, static_cast<std::size_t>(axis) + 1);
  const auto begin = product(from, static_cast<std::size_t>(axis));
  std::int64_t found = kUnknown;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (product(to, i + 1) >= end && found == kUnknown && product(to, i) < end)
      found = static_cast<std::int64_t>(i);
    if (product(to, i) == begin && product(to, i + 1) == end) return static_cast<std::int64_t>(i);
  }
  return found;
}

class AxisFinder {
 public:
  AxisFinder(const Graph& graph, const Shapes& shapes)
      : graph_(graph), shapes_(shapes), axes_(graph.value_names.size(), kUnknown) {
    for (const auto& input : graph.inputs) axes_[index(input.value)] = 1;
    if (!graph.inputs.empty()) {
      const auto& dims = graph.inputs[0].dims;
      const bool is_last = dims.size() == 4 && dims[3] == 3 && dims[1] != 3;
      axes_[index(graph.inputs[0].value)] = is_last ? 3 : 1;
    }
  }

  std::vector<std::int64_t> run() {
    for (const auto& node : graph_.nodes) {
      const auto axis = axis_after(node);
      for (const auto output : node.outputs)
        if (output != kNoValue) axes_[index(output)] = axis;
    }
    for (auto& axis : axes_)
      if (axis == kUnknown) axis = 1;
    return std::move(axes_);
  }

 private:
  static std::size_t index(ValueId value) { return static_cast<std::size_t>(value); }
  bool varies(ValueId value) const { return value != kNoValue && !graph_.constants.contains(value); }
  const std::optional<Sizes>& sizes(ValueId value) const { return shapes_.sizes[index(value)]; }

  std::int64_t rank(const Node& node) const {
    if (node.outputs.empty() || node.outputs[0] == kNoValue || !sizes(node.outputs[0])) return kUnknown;
    return static_cast<std::int64_t>(sizes(node.outputs[0])->size());
  }

  std::int64_t axis_after(const Node& node) const {
    const auto rank_after = rank(node);
    if (rank_after == kUnknown || node.inputs.empty()) return kUnknown;
    if (gives_channels_first(node.op)) return rank_after > 1 ? 1 : kUnknown;
    if (node.op == "LayerNormalization" || node.op == "RMSNormalization") return rank_after - 1;
    if (node.op == "MatMul") return after_product(node, rank_after);
    const auto before = varies(node.inputs[0]) ? axes_[index(node.inputs[0])] : kUnknown;
    if (node.op == "Transpose") return after_transpose(node, before);
    if (node.op == "Gather" || node.op.starts_with("Reduce")) return after_removal(node, before, rank_after);
    return inherited(node, rank_after);
  }

  /// A product with weights makes features, which are last. A product of attention and values also has its
  /// channels last. Attention itself has no channels.
  std::int64_t after_product(const Node& node, std::int64_t rank_after) const {
    const auto right = node.inputs.at(1);
    if (!varies(right)) return rank_after - 1;
    return axes_[index(right)] == rank_after - 1 ? rank_after - 1 : kUnknown;
  }

  std::int64_t after_transpose(const Node& node, std::int64_t before) const {
    const auto order = NodeView(graph_, node, std::nullopt).integers("perm");
    if (before == kUnknown) return kUnknown;
    const auto place = std::ranges::find(order, before);
    return place == order.end() ? kUnknown : place - order.begin();
  }

  /// A dimension removed in front of the channels moves them.
  std::int64_t after_removal(const Node& node, std::int64_t before, std::int64_t rank_after) const {
    const auto& from = sizes(node.inputs[0]);
    if (before == kUnknown || !from) return kUnknown;
    const auto rank_before = static_cast<std::int64_t>(from->size());
    if (rank_after == rank_before) return before;
    const NodeView view(graph_, node, std::nullopt);
    if (node.op != "Gather" && view.has_input(1) && !view.constant(1).defined()) return kUnknown;
    const auto listed = node.op == "Gather" ? std::optional(Sizes{view.integer("axis", 0)})
                                            : IntegerList(view, "axes", 1).get({});
    if (!listed || rank_before - rank_after != static_cast<std::int64_t>(listed->size())) return kUnknown;
    std::int64_t after = before;
    for (auto axis : *listed) {
      axis += axis < 0 ? rank_before : 0;
      if (axis == before) return kUnknown;
      if (axis < before) --after;
    }
    return after;
  }

  /// Takes the channel dimension from the first input that holds a map of the same rank. For a reshape,
  /// follows the channels.
  std::int64_t inherited(const Node& node, std::int64_t rank_after) const {
    static const std::set<std::string> kReshapes{"Reshape", "Flatten", "Squeeze", "Unsqueeze",
                                                 kReshapeLikeOp};
    if (kReshapes.contains(node.op)) {
      const auto input = node.inputs[0];
      if (!varies(input) || axes_[index(input)] == kUnknown || !sizes(input)) return kUnknown;
      return moved_by_reshape(axes_[index(input)], *sizes(input), *sizes(node.outputs[0]));
    }
    for (const auto input : node.inputs) {
      if (!varies(input) || axes_[index(input)] == kUnknown || !sizes(input)) continue;
      if (static_cast<std::int64_t>(sizes(input)->size()) == rank_after) return axes_[index(input)];
    }
    return kUnknown;
  }

  const Graph& graph_;
  const Shapes& shapes_;
  std::vector<std::int64_t> axes_;
};

/// The grid of square patches that a number of tokens forms, with up to a few more tokens in front.
std::optional<MapSizes> token_grid(std::int64_t tokens, std::int64_t height, std::int64_t width) {
  for (std::int64_t more = 0; more <= std::min(kMostExtraTokens, tokens - 1); ++more) {
    for (std::int64_t patch = 1; patch <= kMostPatch; ++patch) {
      for (const auto round : {std::int64_t{0}, patch - 1}) {
        const auto rows = (height + round) / patch, columns = (width + round) / patch;
        if (rows * columns == tokens - more) return MapSizes{0, rows, columns, more};
      }
    }
  }
  return {};
}

/// A value whose first dimension counts pictures, and the dimension of its channels.
struct Batched {
  Sizes sizes;
  std::int64_t axis;
  bool is_apart = false;  ///< the first dimension was added for the pictures
};

Batched with_batch(at::IntArrayRef sizes, std::int64_t axis, std::int64_t batch) {
  Batched result{sizes.vec(), axis};
  auto& all = result.sizes;
  if (all.empty()) all = {1};
  result.axis = axis = std::min(axis, static_cast<std::int64_t>(all.size()) - 1);
  if (all.size() > 1 && all[0] == batch && axis > 0) return result;
  const bool is_multiple = axis > 0 && all[0] % batch == 0;
  all[0] = is_multiple ? all[0] / batch : all[0];
  all.insert(all.begin(), is_multiple ? batch : 1);
  ++result.axis;
  result.is_apart = true;
  return result;
}

}  // namespace

std::vector<std::int64_t> find_channel_axes(const Graph& graph, const Shapes& shapes) {
  return AxisFinder(graph, shapes).run();
}

MapSizes map_sizes(at::IntArrayRef sizes, std::int64_t axis, std::int64_t batch, std::int64_t height,
                   std::int64_t width) {
  const auto batched = with_batch(sizes, axis, batch);
  const auto& all = batched.sizes;
  MapSizes map;
  map.channels = all[static_cast<std::size_t>(batched.axis)];
  Sizes rest;
  for (std::size_t i = 1; i < all.size(); ++i)
    if (static_cast<std::int64_t>(i) != batched.axis) rest.push_back(all[i]);
  if (rest.size() == 2 && !batched.is_apart) {
    map.height = rest[0];
    map.width = rest[1];
    map.is_grid = true;
  } else if (!rest.empty()) {
    map.height = product(rest, rest.size());
    if (const auto grid = rest.size() == 1 ? token_grid(rest[0], height, width) : std::nullopt) {
      map.height = grid->height;
      map.width = grid->width;
      map.skipped = grid->skipped;
      map.is_grid = true;
    }
  }
  return map;
}

at::Tensor as_map(const at::Tensor& value, std::int64_t axis, std::int64_t batch, std::int64_t height,
                  std::int64_t width) {
  if (value.dim() == 4 && axis == 1 && value.size(0) == batch) return value;
  const auto batched = with_batch(value.sizes(), axis, batch);
  const auto map = map_sizes(value.sizes(), axis, batch, height, width);
  at::Tensor rows = value.reshape(batched.sizes).movedim(batched.axis, 1).unsqueeze(-1).flatten(2);
  rows = rows.narrow(2, map.skipped, map.height * map.width);
  return rows.reshape({rows.size(0), map.channels, map.height, map.width});
}

}  // namespace dreamreel::network
