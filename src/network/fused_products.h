// Means over whole maps, and products of a map with another map or with one number for each channel.
// Squeeze-and-excitation (Hu et al. 2018) consists of these, forward and backward. With `accumulate`, results
// are added to the numbers already there.
#pragma once

#include "fused_maps.h"

namespace dreamreel::network {

/// y (C,1,1) <- the mean of each channel of x.
void mean_of_map(const MapView& y, const MapView& x);
void mean_of_map_gradient(const MapView& gy, const MapView& gx, bool accumulate);

/// y <- a * b. b has the size of a, or is (C,1,1).
void multiply(const MapView& y, const MapView& a, const MapView& b, bool accumulate);

/// y (C,1,1) <- the sum of a * b over each channel.
void sum_of_products(const MapView& y, const MapView& a, const MapView& b, bool accumulate);

}  // namespace dreamreel::network
