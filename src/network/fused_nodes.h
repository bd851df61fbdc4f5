// Which nodes of a graph the fused executor runs itself. This is the one place that says so:
//
// - The whole network runs on the autograd executor unless it is on the CPU, in float32 or bfloat16 on a
//   processor that has the kernels for it (supports_fused()), and LoadOptions::executor is not `autograd`; and so does a
//   pass at a size for which a value's shape is not known ahead, so that the message comes from there.
// - Convolutions of 3x3 and 5x5 are computed by Winograd's way where suits_winograd() says so, unless
//   LoadOptions::executor is `direct`; all others by oneDNN.
// - Of such a network, the fused executor has kernels of its own for the nodes that describe_node() knows, where
//   their inputs are maps (1,C,H,W). The two inputs of an Add must have one shape; the inputs of a Mul must have
//   one shape too, or one of them is (1,C,1,1). A Conv needs a fast kernel.
// - A Resize takes its size from the plan. The nodes that compute this size are not run for it.
// - Every other node is an island: ATen's kernel with autograd around that one node.
// - A gradient of a gradient (create_graph) is taken by running the pass again on the autograd executor.
// - Every picture of a batch is a pass of its own.
#pragma once

#include <optional>

#include "fused_convolution.h"
#include "graph.h"
#include "program.h"
#include "resampling.h"
#include "window.h"

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

/// What the fused executor has to know of a node.
struct NodeDescription {
  NodeKind kind = NodeKind::island;
  std::optional<Window> window;  ///< of convolution and the pools
  std::int64_t groups = 1;
  Epilogue activation;               ///< limits not yet in the network's own type
  std::optional<Sampling> sampling;  ///< of resize
  std::optional<double> scales[2];   ///< of resize, by axis; nullopt: as the sizes say
  bool include_padding = false;
};

/// `node` must be valid: compile() has looked at it.
NodeDescription describe_node(const Graph& graph, const Node& node);

}  // namespace dreamreel::network
