// Which nodes of a graph the fused executor runs itself. This is the one place that says so:
//
// - The whole network runs on the autograd executor unless it is on the CPU, in float32 or bfloat16, on a processor
//   with AVX-512 and AVX512-BF16 (supports_fused()), and LoadOptions::executor is not `autograd`; and so does a
//   pass at a size for which a value's shape is not known ahead, so that the message comes from there.
// - Convolutions of 3x3 and 5x5 are computed by Winograd's way where suits_winograd() says so, unless
//   LoadOptions::executor is `direct`; all others by oneDNN.
// - Of such a network, the fused executor has kernels of its own for the nodes that describe_node() knows, as far as
//   their inputs are maps (1,C,H,W), the two inputs of an Add have one shape, and there is a fast kernel for a Conv.
//   Every other node is an island: ATen's kernel with autograd around that one node.
// - A gradient of a gradient (create_graph) is taken by running the pass again on the autograd executor.
// - Every picture of a batch is a pass of its own.
#pragma once

#include <optional>

#include "graph.h"
#include "program.h"
#include "window.h"

namespace dreamreel::network {

enum class NodeKind { island, convolution, relu, clip, add, scale_shift, max_pool, average_pool, concat };

/// What the fused executor has to know of a node.
struct NodeDescription {
  NodeKind kind = NodeKind::island;
  std::optional<Window> window;  ///< of convolution and the pools
  std::int64_t groups = 1;
  double low = 0, high = 0;  ///< of clip
  bool include_padding = false;
};

/// `node` must be valid: compile() has looked at it.
NodeDescription describe_node(const Graph& graph, const Node& node);

}  // namespace dreamreel::network
