// The forward half of a plan (fused_plan.h): turns nodes and places into actions in order.
#pragma once

#include <vector>

#include "fused_places.h"

namespace dreamreel::network {

/// Returns the actions of all nodes, in order. Node i is moment i. Sets PlanNode::index of max pools.
std::vector<Action> plan_forward(const PlanLayout& layout);

}  // namespace dreamreel::network
