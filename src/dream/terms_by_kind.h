// The term of an objective of any kind, for a whole activation or for a part of its positions.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/dream/objective.h"
#include "term.h"

namespace dreamreel::dream {

bool needs_totals(Kind kind);
Totals totals_of(const Objective& objective, const at::Tensor& activation);

/// `activation`: (1,C,h,w) without autograd. Throws std::invalid_argument as evaluate() does.
Term term_of(const Objective& objective, const at::Tensor& activation);
/// The term for a part of the activation's positions. For a kind that needs totals, the value covers all
/// positions. For other kinds, `value` and `factor` cover the part, as if there were no other positions.
Term term_of_part(const Objective& objective, const at::Tensor& activation, const Totals& totals);

}  // namespace dreamreel::dream
