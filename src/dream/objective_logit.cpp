#include "objective_logit.h"

#include <ATen/TensorOperators.h>

#include "dreamreel/dream/class_slope.h"

namespace dreamreel::dream {

Term logit_term(const Objective& objective, const at::Tensor& activation) {
  check_channels(objective, activation);
  const at::Tensor wide = activation.to(accumulation_type(activation));
  const auto climb = class_slope(wide, objective.channels.front(), objective.rivals, objective.selectivity,
                                 layer_mask(objective, activation));
  Term term;
  const double share = objective.weight / static_cast<double>(climb.value.numel());
  term.value = share * climb.value.sum().item<double>();
  term.factor = share * climb.steepest;
  term.cotangent = climb.slope;
  return term;
}

}  // namespace dreamreel::dream
