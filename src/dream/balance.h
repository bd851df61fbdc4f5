// Makes the terms of an objective pull equally hard.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/dream/objective.h"
#include "tiles.h"

namespace dreamreel::dream {

/// The objectives' weights, balanced: w_i * c / G_i. G_i = mean|g_i| / mean(mask_i), and g_i is the gradient
/// of term i alone at `picture` with weight 1. So each term pulls as hard as its weight says, whatever the
/// size of its layer's gradients. c is the weighted mean of the G_i, so that the whole keeps its size.
///
/// Some terms keep their weight: a term with weight 0, a single term, a term without a gradient (less
/// than a millionth of the largest G_i), and content, which pulls nothing where it starts. `picture` is as
/// for evaluate(). Costs one pass for each active term, in tiles if there are any.
std::vector<double> balanced_weights(const Networks& networks, const at::Tensor& picture,
                                     const std::vector<Objective>& objectives, const Tilings& tilings = {});

}  // namespace dreamreel::dream
