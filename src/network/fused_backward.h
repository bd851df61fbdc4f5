// The backward half of a plan (fused_plan.h): turns nodes and places into actions in order.
#pragma once

#include <vector>

#include "fused_places.h"

namespace dreamreel::network {

/// An activation before a max pool lets a gradient through at a maximum's position exactly if it does so for
/// the maximum itself. So the same mask can be applied to the pool's smaller map. Moves such masks there,
/// before anything is laid out.
void mask_behind_max_pools(PlanGraph& graph);

/// Returns the actions of all nodes, from the last to the first. With n nodes, node i is moment 2 n - 1 - i.
/// Raises PlanGraph::scratch_bytes if a convolution needs more.
std::vector<Action> plan_backward(const PlanLayout& layout);

}  // namespace dreamreel::network
