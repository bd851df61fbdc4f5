#include "receptive_field.h"

#include <utility>

namespace dreamreel::network {
namespace {

/// What a position of the node's result sees. nullopt if nothing in it follows from the picture. `all`: what
/// the positions of each value see.
std::optional<SeenPixels> seen_by(const NodeReach& node, const std::vector<std::optional<SeenPixels>>& all,
                                  const Shapes& shapes, std::optional<at::ScalarType> by_winograd) {
  std::optional<SeenPixels> result;
  for (const auto id : node.inputs) {
    const auto& seen = all[static_cast<std::size_t>(id)];
    const auto& sizes = shapes.sizes[static_cast<std::size_t>(id)];
    if (!seen) continue;
    auto next = *seen;
    if (!sizes || sizes->size() != 4)
      next.blocker = next.blocker.empty() ? node.label : next.blocker;
    else if (next.blocker.empty())
      next = seen_through(node, *seen, *sizes, by_winograd);
    if (result)
      join_seen(*result, next, node.label);
    else
      result = std::move(next);
  }
  return result;
}

LayerField field_of(const std::optional<SeenPixels>& seen, const std::optional<Sizes>& sizes) {
  LayerField field;
  if (!seen || !sizes || sizes->size() != 4 || seen->channels_last) {
    field.blocker = seen && !seen->blocker.empty() ? seen->blocker : "the layer's shape";
    return field;
  }
  field = {seen->axes[0], seen->axes[1], (*sizes)[1], seen->blocker};
  field.y.positions = (*sizes)[2];
  field.x.positions = (*sizes)[3];
  return field;
}

}  // namespace

ReceptiveFields::ReceptiveFields(const Graph& graph, const std::vector<ValueId>& wanted)
    : wanted_(wanted), input_(find_picture_input(graph)), shapes_(graph) {
  for (const auto& node : graph.nodes) nodes_.push_back(reach_of(graph, node));
}

std::vector<LayerField> ReceptiveFields::find(std::int64_t height, std::int64_t width,
                                              std::optional<at::ScalarType> by_winograd) const {
  const auto shapes = shapes_.find(input_.sizes(height, width));
  std::vector<std::optional<SeenPixels>> all(shapes.sizes.size());
  all[static_cast<std::size_t>(input_.value)] = SeenPixels{{}, input_.channels_last, ""};
  for (const auto& node : nodes_) {
    const auto result = seen_by(node, all, shapes, by_winograd);
    for (const auto output : node.outputs) all[static_cast<std::size_t>(output)] = result;
  }
  std::vector<LayerField> fields;
  for (const auto id : wanted_)
    fields.push_back(field_of(all[static_cast<std::size_t>(id)], shapes.sizes[static_cast<std::size_t>(id)]));
  return fields;
}

}  // namespace dreamreel::network
