// The forward half of a plan (fused_plan.h): from nodes and places to what is called in which order.
#pragma once

#include <vector>

#include "fused_places.h"

namespace dreamreel::network {

/// Actions of all nodes, in order. Node i is moment i. Sets PlanNode::index of max pools.
std::vector<Action> plan_forward(const PlanLayout& layout);

}  // namespace dreamreel::network
