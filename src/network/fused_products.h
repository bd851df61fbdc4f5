// Means over whole maps, and maps multiplied with one another or with a number for each channel: what
// squeeze-and-excitation (Hu et al. 2018) is made of, forward and backward. `accumulate`: results are added
// to what is there.
#pragma once

#include "fused_maps.h"

namespace dreamreel::network {

/// y (C,1,1) <- the mean of each channel of x.
void mean_of_map(const MapView& y, const MapView& x);
void mean_of_map_gradient(const MapView& gy, const MapView& gx, bool accumulate);

/// y <- a * b, where b is a map like a, or (C,1,1).
void multiply(const MapView& y, const MapView& a, const MapView& b, bool accumulate);

/// y (C,1,1) <- the sum of a * b over each channel of both.
void sum_of_products(const MapView& y, const MapView& a, const MapView& b, bool accumulate);

}  // namespace dreamreel::network
