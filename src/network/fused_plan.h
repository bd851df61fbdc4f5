// A pass of a network for one size of picture, worked out ahead: which nodes run together, where every map
// and gradient lies in one piece of memory, and which actions are called in which order. fused_graph.h has
// the plan's nodes; fused_executor.h runs the plan.
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

/// A plan is made for one key.
struct PlanKey {
  std::vector<std::int64_t> input;  ///< sizes of the input, for a batch of one
  std::vector<bool> needed;         ///< one for each wanted value
  std::vector<ValueId> scaled;      ///< values that Program::scales holds, in order
  bool with_gradient = false;
  int threads = 1;
  bool operator==(const PlanKey&) const = default;
};

/// A node that ATen has run, with autograd around it.
struct Island {
  std::vector<ValueId> inputs;      ///< the inputs that get a gradient
  std::vector<at::Tensor> leaves;   ///< their values: the leaves of the island's autograd graph
  std::vector<at::Tensor> outputs;  ///< the ends of this graph; undefined where the node has no output
};

/// The state of one pass, forward and backward.
struct Pass {
  at::Tensor memory;  ///< the maps and gradients of the plan, as bytes
  std::unordered_map<ValueId, at::Tensor>
      tensors;  ///< the values that islands and callers read, as ATen has them
  std::unordered_map<ValueId, at::Tensor> gradients;  ///< gradients to `tensors`
  std::unordered_map<std::size_t, Island> islands;    ///< by step
  std::unordered_map<ValueId, at::Tensor> scales;     ///< see Program::scales

  char* at(std::int64_t offset) const { return static_cast<char*>(memory.data_ptr()) + offset; }
  void add_gradient(ValueId value, const at::Tensor& gradient);
};

using Action = std::function<void(Pass&)>;

struct PassPlan {
  PlanKey key;
  std::int64_t bytes = 0;  ///< of Pass::memory
  std::vector<Action> forward;
  std::vector<Action> backward;
  std::deque<Region> regions;  ///< the actions point to these
};

/// Everything that the plans of one network share.
struct PlanSource {
  const Program& program;
  const std::vector<NodeDescription>& nodes;  ///< one for each step of the program
  const ShapeFinder& shapes;
  ConvolutionFactory& convolutions;
  at::ScalarType type;
  Format format;            ///< of maps
  const std::string& name;  ///< of the network, for messages
};

/// nullptr if a shape is not known; then only the autograd executor can tell what is wrong. `source` must
/// outlive the plan.
std::unique_ptr<PassPlan> make_pass_plan(const PlanSource& source, const PlanKey& key);

}  // namespace dreamreel::network
