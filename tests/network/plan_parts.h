// Everything that a plan of the fused executor is made of, for the graph of a test.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "fused_plan.h"
#include "run_model.h"

namespace dreamreel::network {

struct PlanParts {
  /// `wanted` are names of values.
  PlanParts(const test::OnnxModel& model, const std::vector<std::string>& wanted)
      : graph(cut_graph(model, wanted)),
        program(compile(graph, values(graph, wanted), {at::kCPU, at::kFloat})),
        shapes(graph) {
    for (const auto& node : graph.nodes) nodes.push_back(describe_node(graph, node));
  }
  PlanParts(const PlanParts&) = delete;
  PlanParts& operator=(const PlanParts&) = delete;

  static ValueId value_in(const Graph& graph, const std::string& name) {
    const auto found = std::ranges::find(graph.value_names, name);
    if (found == graph.value_names.end()) throw std::runtime_error("no value " + name);
    return static_cast<ValueId>(found - graph.value_names.begin());
  }
  ValueId value(const std::string& name) const { return value_in(graph, name); }

  /// The step that makes the value of this name.
  std::size_t step(const std::string& name) const {
    const auto makes = [made = value(name)](const auto& one) {
      return std::ranges::find(one.outputs, made) != one.outputs.end();
    };
    const auto found = std::ranges::find_if(program.steps, makes);
    if (found == program.steps.end()) throw std::runtime_error("no step makes " + name);
    return static_cast<std::size_t>(found - program.steps.begin());
  }

  Graph graph;
  Program program;
  std::vector<NodeDescription> nodes;
  ShapeFinder shapes;
  ConvolutionFactory convolutions{at::kFloat, true};
  std::string file = "test.onnx";
  PlanSource source{program, nodes, shapes, convolutions, at::kFloat, Format::blocked, file};

 private:
  static std::vector<ValueId> values(const Graph& graph, const std::vector<std::string>& names) {
    std::vector<ValueId> ids;
    for (const auto& name : names) ids.push_back(value_in(graph, name));
    return ids;
  }
  static Graph cut_graph(const test::OnnxModel& model, const std::vector<std::string>& wanted) {
    auto graph = graph_of(model);
    cut(graph, values(graph, wanted));
    return graph;
  }
};

/// The key of a plan with gradients, for a picture of this side.
inline PlanKey key_for(std::int64_t side) {
  PlanKey key;
  key.input = {1, 3, side, side};
  key.with_gradient = true;
  return key;
}

}  // namespace dreamreel::network
