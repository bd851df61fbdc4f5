#include "fused_plan.h"

#include <ATen/ATen.h>

#include "fused_backward.h"
#include "fused_forward.h"
#include "fused_graph.h"
#include "fused_places.h"

namespace dreamreel::network {

void Pass::add_gradient(ValueId value, const at::Tensor& gradient) {
  auto& there = gradients[value];
  there = there.defined() ? there + gradient : gradient;
}

std::unique_ptr<PassPlan> make_pass_plan(const PlanSource& source, const PlanKey& key) {
  auto graph = make_plan_graph(source, key);
  if (!graph) return nullptr;
  auto plan = std::make_unique<PassPlan>();
  plan->key = key;
  if (key.with_gradient) mask_behind_max_pools(*graph);
  share_memory(*graph);
  Places places(*graph, plan->regions);
  Region* const scratch = places.new_region(0);
  const PlanLayout layout{source, *graph, places, scratch, key.with_gradient};
  plan->forward = plan_forward(layout);
  if (key.with_gradient) plan->backward = plan_backward(layout);
  scratch->bytes = graph->scratch_bytes;
  Places::use_at(scratch, 0);
  Places::use_at(scratch, 2 * static_cast<int>(graph->nodes.size()));
  plan->bytes = place_regions(plan->regions);
  return plan;
}

}  // namespace dreamreel::network
