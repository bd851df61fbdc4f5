// Islands: nodes that the fused executor leaves to ATen, with autograd around each; see fused_nodes.h.
#pragma once

#include <string>

#include "fused_plan.h"

namespace dreamreel::network {

/// Runs a step on Pass::tensors. With `with_gradient`, keeps the data for run_island_backward() in
/// Pass::islands.
void run_island(const Program& program, std::size_t step, const std::string& source, bool with_gradient,
                Pass& pass);

/// Computes the gradients of the step's inputs from Pass::gradients of its outputs.
void run_island_backward(std::size_t step, const Program& program, Pass& pass);

}  // namespace dreamreel::network
