#include "fused_graph.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "fused_drafts.h"
#include "fused_facts.h"

namespace dreamreel::network {
namespace {

/// Joins nodes to a graph: finds what makes their inputs, and adds nodes where values change between maps and
/// tensors.
class GraphWiring {
 public:
  explicit GraphWiring(const PlanFacts& facts) : facts_(facts) {}

  /// Whether a node here makes the value as a map.
  bool makes(ValueId id) const { return made_.contains(id); }

  void add_native(NodeDraft draft) {
    auto& node = draft.node;
    for (const auto input : draft.inputs) node.inputs.push_back(map_of(input, draft.reads_picture));
    if (node.forward != nullptr)
      graph_.scratch_bytes = std::max(graph_.scratch_bytes, node.forward->scratch_bytes());
    made_[draft.result] = add_node(std::move(node), draft.result, draft.map);
    value(made_[draft.result]).scaled = facts_.is_scaled(draft.result);
  }

  void add_island(std::size_t step) {
    for (const auto input : facts_.source.program.steps[step].inputs)
      if (input != kNoValue) export_value(input);
    PlanNode node;
    node.role = PlanNode::Role::island;
    node.step = step;
    graph_.nodes.push_back(std::move(node));
  }

  /// Makes a tensor of a map that a node here makes; does nothing for other values.
  void export_value(ValueId id) {
    if (!makes(id) || !exports_.insert(id).second) return;
    const auto from = made_.at(id);
    value(from).consumers.push_back(static_cast<int>(graph_.nodes.size()));
    PlanNode node;
    node.role = PlanNode::Role::export_tensor;
    node.tensor = id;
    node.inputs = {from};
    graph_.nodes.push_back(std::move(node));
  }

  PlanGraph take() { return std::move(graph_); }

 private:
  PlanValue& value(int i) { return graph_.values[static_cast<std::size_t>(i)]; }

  /// Returns the node's result.
  int add_node(PlanNode node, ValueId result, const Map& map) {
    const auto here = static_cast<int>(graph_.nodes.size());
    for (const auto input : node.inputs) value(input).consumers.push_back(here);
    PlanValue made;
    made.id = result;
    made.map = map;
    made.producer = here;
    made.mask = node.epilogue;
    node.output = static_cast<int>(graph_.values.size());
    graph_.values.push_back(std::move(made));
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.back().output;
  }

  /// The value as a map. If no node here makes it, it is imported from a tensor. `as_picture`: it has few
  /// channels.
  int map_of(ValueId id, bool as_picture) {
    const auto made = made_.find(id);
    if (made != made_.end()) return made->second;
    const auto known = imports_.find({id, as_picture});
    if (known != imports_.end()) return known->second;
    PlanNode node;
    node.role = PlanNode::Role::import_tensor;
    node.tensor = id;
    auto map = *facts_.map_of(id);
    if (as_picture && facts_.source.format == Format::blocked) map.format = Format::planar;
    return imports_[{id, as_picture}] = add_node(std::move(node), id, map);
  }

  const PlanFacts& facts_;
  PlanGraph graph_;
  std::unordered_map<ValueId, int> made_;
  std::map<std::pair<ValueId, bool>, int> imports_;
  std::set<ValueId> exports_;
};

}  // namespace

bool takes_picture(const PlanGraph& graph, const PlanNode& node) {
  const auto& input = graph.values[static_cast<std::size_t>(node.inputs[0])];
  return node.convolution.in.channels <= kMostPictureChannels &&
         graph.nodes[static_cast<std::size_t>(input.producer)].role == PlanNode::Role::import_tensor;
}

std::optional<PlanGraph> make_plan_graph(const PlanSource& source, const PlanKey& key) {
  const auto facts = find_plan_facts(source, key);
  if (!facts) return std::nullopt;
  const auto& program = source.program;
  GraphWiring wiring(*facts);
  std::vector<bool> fused_away(program.steps.size(), false);
  for (std::size_t step = 0; step < program.steps.size(); ++step) {
    if (!facts->runs[step] || fused_away[step]) continue;
    const auto& inputs = program.steps[step].inputs;
    auto draft = draft_node(*facts, step, !inputs.empty() && wiring.makes(inputs[0]));
    if (draft && draft->fused) fused_away[*draft->fused] = true;
    if (draft)
      wiring.add_native(std::move(*draft));
    else
      wiring.add_island(step);
  }
  for (const auto id : program.wanted)
    if (facts->is_wanted(id)) wiring.export_value(id);
  return wiring.take();
}

}  // namespace dreamreel::network
