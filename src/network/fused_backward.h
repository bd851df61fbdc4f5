// The backward half of a plan (fused_plan.h): from nodes and places to what is called in which order.
#pragma once

#include <vector>

#include "fused_places.h"

namespace dreamreel::network {

/// What reaches a maximum's place was let through by an activation before it if the maximum was: the same
/// mask, on the smaller map. Moves such masks there, before anything is laid out.
void mask_behind_max_pools(PlanGraph& graph);

/// Actions of all nodes, from the last to the first. Of n nodes, node i is moment 2 n - 1 - i. Grows
/// PlanGraph::scratch_bytes where a convolution needs more.
std::vector<Action> plan_backward(const PlanLayout& layout);

}  // namespace dreamreel::network
