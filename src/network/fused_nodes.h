// The nodes of a graph that the fused executor runs itself. No other file defines these rules:
//
// - The autograd executor runs the whole network if LoadOptions::executor is `autograd`, if the device is not
//   the CPU, or if the processor has no kernels for the network's type (supports_fused()).
// - The autograd executor also runs a pass whose size leaves a value's shape unknown, and reports the error.
// - Winograd's method computes convolutions of 3x3 and 5x5 where suits_winograd() says so, unless
//   LoadOptions::executor is `direct`. oneDNN computes all others.
// - The fused executor has its own kernels for the nodes that describe_node() knows, if their inputs are maps
//   (1,C,H,W). The two inputs of an Add must have one shape. The inputs of a Mul must have one shape, or one
//   of them is (1,C,1,1). A Conv needs a fast kernel.
// - A Resize takes its size from the plan. The nodes that compute this size do not run for it.
// - Every other node is an island: ATen's kernel with autograd around that one node.
// - A gradient of a gradient (create_graph) is computed by the autograd executor, which runs the pass again.
// - Every picture of a batch is a pass of its own.
#pragma once

#include <optional>

#include "fused_convolution.h"
#include "graph.h"
#include "program.h"
#include "resampling.h"
#include "sliding_window.h"

namespace dreamreel::network {

enum class NodeKind {
  island,
  convolution,
  activation,  ///< relu, clip, leaky_relu, hard_sigmoid: the gradient follows from the result
  hard_swish,
  add,
  multiply,
  scale_shift,
  max_pool,
  average_pool,
  global_average_pool,
  resize,
  concat
};

/// The facts about a node that the fused executor needs.
struct NodeDescription {
  NodeKind kind = NodeKind::island;
  std::optional<SlidingWindow> window;  ///< of convolution and the pools
  std::int64_t groups = 1;
  Epilogue activation;               ///< limits are not yet in the network's own type
  std::optional<Sampling> sampling;  ///< of resize
  std::optional<double> scales[2];   ///< of resize, by axis; nullopt: the sizes tell
  bool include_padding = false;
};

/// `node` must have passed compile().
NodeDescription describe_node(const Graph& graph, const Node& node);

}  // namespace dreamreel::network
