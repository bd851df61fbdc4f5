#include "graph.h"

#include <fmt/core.h>

namespace dreamreel::network {

const std::string& label_of(const Graph& graph, const Node& node) {
  static const std::string kNameless = "(nameless)";
  if (!node.name.empty()) return node.name;
  for (const auto output : node.outputs) {
    if (output != kNoValue) return graph.name_of(output);
  }
  return kNameless;
}

std::string describe(const Graph& graph, const Node& node) {
  return fmt::format("node '{}' ({})", label_of(graph, node), node.op);
}

std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.value_names.size(), 0);
  for (const auto& node : graph.nodes) {
    for (const auto input : node.inputs) {
      if (input != kNoValue) ++uses[static_cast<std::size_t>(input)];
    }
  }
  return uses;
}

std::vector<std::int64_t> find_producers(const Graph& graph) {
  std::vector<std::int64_t> producers(graph.value_names.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const auto output : graph.nodes[i].outputs) {
      if (output != kNoValue) producers[static_cast<std::size_t>(output)] = static_cast<std::int64_t>(i);
    }
  }
  return producers;
}

}  // namespace dreamreel::network
