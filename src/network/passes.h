// What is done to a graph between reading and running it. Every pass leaves the values of the wanted layers
// as they are (batch norms folded into weights: up to rounding) and keeps value ids.
#pragma once

#include <vector>

#include "graph.h"
#include "shapes.h"

namespace dreamreel::network {

/// Keeps only the nodes, constants and inputs that `wanted` values need.
void cut(Graph& graph, const std::vector<ValueId>& wanted);

/// Computes, once, every supported node that depends on constants alone: stored 8-bit weights become numbers,
/// shapes become lists. Nodes that fail stay, to fail where the failure can be told.
void fold_constants(Graph& graph);

/// Computes what Shape and Size give for one picture of sizes `shapes`, and all that follows from it: for
/// networks that run at one size alone.
void fold_shapes(Graph& graph, const Shapes& shapes);

/// Throws InputError for a node that depends on constants alone and could not be folded: what it computes
/// takes too long, becomes too large, or fails in every pass.
void check_folded(const Graph& graph);

/// Turns each pair of QuantizeLinear and DequantizeLinear into the Clip that it is but for rounding: so a
/// gradient passes. The QuantizeLinear stays.
void pair_quantisers(Graph& graph);
/// Removes each QuantizeLinear whose result nobody takes.
void drop_unused_quantisers(Graph& graph);

/// Turns each BatchNormalization whose parameters are constants into kScaleShiftOp, and folds that into the
/// weights of a Conv before it whose result nobody else looks at.
void fold_batch_norms(Graph& graph, const std::vector<ValueId>& wanted);

/// Moves each AveragePool of stride 1 behind the Conv of 1x1 that alone takes its result, where that has
/// fewer channels: a mean of sums is the sum of means. Up to rounding.
void pool_what_is_smaller(Graph& graph, const std::vector<ValueId>& wanted);

/// Makes each Relu overwrite its input where nobody else looks at it: saves one pass through memory.
void reuse_relu_inputs(Graph& graph, const std::vector<ValueId>& wanted);

/// For each value: whether it follows from the picture's numbers or size.
std::vector<bool> find_dependent(const Graph& graph);

/// For each value: whether it follows from the picture's size alone, like what Shape gives. Such values are
/// small and stay on the CPU in their own types.
std::vector<bool> find_host_values(const Graph& graph);

/// For each node, why it cannot run: "" if it can, by itself.
std::vector<std::string> find_unsupported(const Graph& graph);

}  // namespace dreamreel::network
