// Steps of a program as nodes of a plan (fused_plan.h), one by one: what a step computes there, and which
// activation function is fused into it. fused_graph.h joins the nodes.
#pragma once

#include <optional>
#include <vector>

#include "fused_facts.h"
#include "fused_graph.h"

namespace dreamreel::network {

/// A node that does not know yet which nodes make its inputs.
struct NodeDraft {
  PlanNode node;                ///< without inputs and output
  std::vector<ValueId> inputs;  ///< the values that it reads as maps
  bool reads_picture = false;   ///< its input has few channels, and no node of the plan makes it
  ValueId result = kNoValue;    ///< the result of the fused activation function, if there is one
  Map map;                      ///< of the result
  /// The step of the fused activation function, which does not run by itself.
  std::optional<std::size_t> fused{};
};

/// The step as a node with a kernel of its own; nullopt if it has to be an island. `input_is_made`: a node of
/// the plan makes the step's first input, so that no tensor has to be imported for it.
std::optional<NodeDraft> draft_node(const PlanFacts& facts, std::size_t step, bool input_is_made);

}  // namespace dreamreel::network
