// Energy, and the terms that are sums of activations. Rules of term.h.
#pragma once

#include "term.h"

namespace dreamreel::dream {

Term energy_term(const Objective& objective, const at::Tensor& activation);
Term mean_term(const Objective& objective, const at::Tensor& activation);
Term channels_term(const Objective& objective, const at::Tensor& activation);
Term neuron_term(const Objective& objective, const at::Tensor& activation);

}  // namespace dreamreel::dream
