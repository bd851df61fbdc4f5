// Nodes that the fused executor leaves to ATen, with autograd around each; see fused_nodes.h.
#pragma once

#include <string>

#include "fused_plan.h"

namespace dreamreel::network {

/// Runs a step on Pass::tensors. With `with_gradient`, keeps in Pass::islands what run_island_backward() needs.
void run_island(const Program& program, std::size_t step, const std::string& source, bool with_gradient,
                Pass& pass);

/// From Pass::gradients of the step's outputs, those of its inputs.
void run_island_backward(std::size_t step, const Program& program, Pass& pass);

}  // namespace dreamreel::network
