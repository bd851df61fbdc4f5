// guide and direction: pull the activations at each position towards a vector. Rules of term.h.
#pragma once

#include "term.h"

namespace dreamreel::dream {

Term guide_term(const Objective& objective, const at::Tensor& activation);  ///< also for direction

}  // namespace dreamreel::dream
