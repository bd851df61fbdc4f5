#include "terms_by_kind.h"

#include <stdexcept>

#include "objective_guide.h"
#include "objective_linear.h"
#include "objective_logit.h"
#include "objective_style.h"

namespace dreamreel::dream {

Term term_of(const Objective& objective, const at::Tensor& activation) {
  switch (objective.kind) {
    case Kind::energy:
      return energy_term(objective, activation);
    case Kind::mean:
      return mean_term(objective, activation);
    case Kind::channels:
      return channels_term(objective, activation);
    case Kind::logit:
      return logit_term(objective, activation);
    case Kind::neuron:
      return neuron_term(objective, activation);
    case Kind::guide:
    case Kind::direction:
      return guide_term(objective, activation);
    case Kind::style:
      return style_term(objective, activation, style_totals(objective, activation));
    case Kind::content:
      return content_term(objective, activation);
    case Kind::diversity:
      return diversity_term(objective, activation);
  }
  throw std::invalid_argument("evaluate: unknown kind of objective");
}

bool needs_totals(Kind kind) {
  return kind == Kind::style || kind == Kind::diversity;
}

Totals totals_of(const Objective& objective, const at::Tensor& activation) {
  return objective.kind == Kind::style ? style_totals(objective, activation)
                                       : diversity_totals(objective, activation);
}

Term term_of_part(const Objective& objective, const at::Tensor& activation, const Totals& totals) {
  if (objective.kind == Kind::style) return style_term(objective, activation, totals);
  if (objective.kind == Kind::diversity) return diversity_term(objective, activation, totals);
  return term_of(objective, activation);
}

}  // namespace dreamreel::dream
