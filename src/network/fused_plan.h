// A pass of a network for one size of picture, worked out ahead: which nodes are run together, where every map and
// every gradient lies in one piece of memory, and what is called in which order. Its nodes: fused_graph.h;
// run by fused_executor.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "fused_convolution.h"
#include "fused_nodes.h"
#include "fused_regions.h"
#include "shapes.h"

namespace dreamreel::network {

/// What a plan is made for.
struct PlanKey {
  std::vector<std::int64_t> input;  ///< sizes of the input, a batch of one
  std::vector<bool> needed;         ///< of the wanted values
  std::vector<ValueId> scaled;      ///< values that are scaled (Program::scales), in order
  bool with_gradient = false;
  int threads = 1;
  bool operator==(const PlanKey&) const = default;
};

/// A node that ATen has run, with autograd around it.
struct Island {
  std::vector<ValueId> inputs;      ///< those that a gradient goes to
  std::vector<at::Tensor> leaves;   ///< their values, leaves of the island's graph
  std::vector<at::Tensor> outputs;  ///< with that graph behind them; undefined where the node has none
};

/// The state of one pass, forward and backward.
struct Pass {
  at::Tensor memory;                                  ///< bytes; where the plan's maps and gradients lie
  std::unordered_map<ValueId, at::Tensor> tensors;    ///< what islands and callers see, in ATen's own layout
  std::unordered_map<ValueId, at::Tensor> gradients;  ///< to those
  std::unordered_map<std::size_t, Island> islands;    ///< by step
  std::unordered_map<ValueId, at::Tensor> scales;     ///< see Program::scales

  char* at(std::int64_t offset) const { return static_cast<char*>(memory.data_ptr()) + offset; }
  void add_gradient(ValueId value, const at::Tensor& gradient);
};

using Action = std::function<void(Pass&)>;

struct Plan {
  PlanKey key;
  std::int64_t bytes = 0;  ///< of Pass::memory
  std::vector<Action> forward;
  std::vector<Action> backward;
  std::deque<Region> regions;  ///< what the actions point to
};

/// What plans of one network share.
struct PlanSource {
  const Program& program;
  const std::vector<NodeDescription>& nodes;  ///< one for each step of the program
  const ShapeFinder& shapes;
  ConvolutionFactory& convolutions;
  at::ScalarType type;
  Format format;            ///< of maps
  const std::string& name;  ///< of the network, for messages
};

/// nullptr if a shape is not known, so that only the autograd executor can tell what is wrong. `source` must outlive
/// the plan.
std::unique_ptr<Plan> make_plan(const PlanSource& source, const PlanKey& key);

}  // namespace dreamreel::network
