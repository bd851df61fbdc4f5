// logit: a class against its rivals, at every position of a class map. Rules of term.h.
#pragma once

#include "term.h"

namespace dreamreel::dream {

Term logit_term(const Objective& objective, const at::Tensor& activation);

}  // namespace dreamreel::dream
