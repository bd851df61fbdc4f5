// Where the numbers of a Resize or an Upsample come from, along one axis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops.h"

namespace dreamreel::network {

/// How Resize maps the numbers of one axis.
struct Sampling {
  bool linear = false;
  std::string coordinates = "half_pixel";
  std::string rounding = "round_prefer_floor";
};

/// Throws Unsupported for what no kernel here does.
Sampling read_sampling(const NodeView& node);

/// Result i is low + (high - low) * weight of the input's numbers at low[i] and high[i]. For the nearest
/// number, both are the same and the weight is 0.
struct AxisSamples {
  std::vector<std::int64_t> low, high;
  std::vector<double> weights;
};

/// `scale`: results / inputs as the node gives it.
AxisSamples sample_axis(std::int64_t in, std::int64_t out, double scale, const Sampling& sampling);

}  // namespace dreamreel::network
