// style, content and diversity: compare activations with other activations. Rules of term.h.
#pragma once

#include "term.h"

namespace dreamreel::dream {

Term style_term(const Objective& objective, const at::Tensor& activation, const Totals& totals);
Term content_term(const Objective& objective, const at::Tensor& activation);
Term diversity_term(const Objective& objective, const at::Tensor& activation);
Term diversity_term(const Objective& objective, const at::Tensor& activation, const Totals& totals);

/// The sums of style and of diversity, each in the types that it needs.
Totals style_totals(const Objective& objective, const at::Tensor& activation);
Totals diversity_totals(const Objective& objective, const at::Tensor& activation);

}  // namespace dreamreel::dream
