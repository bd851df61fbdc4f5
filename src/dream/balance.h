// Making the terms of an objective pull equally hard.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/dream/objective.h"
#include "tiles.h"

namespace dreamreel::dream {

/// The objectives' weights w_i * c / G_i, G_i = mean|g_i| / mean(mask_i) of the gradient g_i of term i alone at
/// `picture` with weight 1: each pulls as hard as its weight says, whatever the size of its layer's gradients. c,
/// common to all, is the weighted mean of the G_i, so that the whole keeps its size. Terms of weight 0 or without a
/// gradient (less than a millionth of the largest G_i) keep their weight, and so do a term that is alone and content, which
/// pulls nothing where it starts. `picture` as for evaluate(); one pass for each
/// active term, in tiles where there are any.
std::vector<double> balanced_weights(const Networks& networks, const at::Tensor& picture,
                                     const std::vector<Objective>& objectives, const Tilings& tilings = {});

}  // namespace dreamreel::dream
