// Rewrites a graph between reading and running it. A rewrite keeps value ids and the numbers of
// the wanted layers. Folding a batch norm into weights changes their rounding.
#pragma once

#include <vector>

#include "graph.h"
#include "shapes.h"

namespace dreamreel::network {

/// Keeps only the nodes, constants and inputs that `wanted` values need.
void cut(Graph& graph, const std::vector<ValueId>& wanted);

/// Computes, once, every supported node that depends on constants only: stored 8-bit weights become numbers,
/// shapes become lists. A node that fails stays in the graph, and fails where the failure can be reported.
void fold_constants(Graph& graph);

/// Computes the results of Shape and Size for one picture with sizes `shapes`, and everything that follows
/// from them. For networks that run at one size only.
void fold_shapes(Graph& graph, const Shapes& shapes);

/// Throws InputError for a node that depends on constants only and could not be folded: its result takes too
/// long, becomes too large, or fails in every pass.
void check_folded(const Graph& graph);

/// Replaces each BatchNormalization with constant parameters by kScaleShiftOp. Folds kScaleShiftOp into the
/// weights of the Conv before it, if no other node reads the Conv's result.
void fold_batch_norms(Graph& graph, const std::vector<ValueId>& wanted);

/// Moves an AveragePool of stride 1 behind the 1x1 Conv that alone reads its result, if the Conv's result has
/// fewer channels. A mean of sums is the sum of means, so only rounding changes.
void pool_what_is_smaller(Graph& graph, const std::vector<ValueId>& wanted);

/// Makes each Relu overwrite its input if no other node reads that input. This saves one pass through memory.
void reuse_relu_inputs(Graph& graph, const std::vector<ValueId>& wanted);

/// For each value, whether it follows from the picture's numbers or its size.
std::vector<bool> find_dependent(const Graph& graph);

/// For each value, whether it follows from the picture's size only, like the result of Shape. Such values are
/// small and stay on the CPU in their own types.
std::vector<bool> find_host_values(const Graph& graph);

/// For each node, why it cannot run on its own; "" if it can.
std::vector<std::string> find_unsupported(const Graph& graph);

}  // namespace dreamreel::network
