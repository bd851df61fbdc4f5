// Which numbers of the input a Resize or an Upsample reads, along one axis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops.h"

namespace dreamreel::network {

/// How Resize maps the numbers along one axis; the fields are the node's attributes.
struct Sampling {
  bool linear = false;
  std::string coordinates = "half_pixel";
  std::string rounding = "round_prefer_floor";
};

/// Throws Unsupported for a way of resizing that no kernel here implements.
Sampling read_sampling(const NodeView& node);

/// Result i is low + (high - low) * weight, from the input's numbers at low[i] and high[i]. For the nearest
/// number, low[i] and high[i] are equal and the weight is 0.
struct AxisSamples {
  std::vector<std::int64_t> low, high;
  std::vector<double> weights;
};

/// `scale` is results / inputs, as the node gives it.
AxisSamples sample_axis(std::int64_t in, std::int64_t out, double scale, const Sampling& sampling);

}  // namespace dreamreel::network
