#include "resampling.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace dreamreel::network {
namespace {

/// Where the centre of output position `i` lies in the input; `scale` = output / input. The nearer of two
/// neighbours may depend on the last bit: 1 / float32(1/3) is 3 in float32 and less in double. ONNX's
/// runtimes compute this in float32.
template <typename Real>
Real source_position(const Sampling& sampling, std::int64_t i, std::int64_t in, std::int64_t out,
                     Real scale) {
  const auto position = static_cast<Real>(i);
  const auto half = static_cast<Real>(0.5);
  if (sampling.coordinates == "asymmetric") return position / scale;
  if (sampling.coordinates == "align_corners") {
    return out == 1 ? 0 : position * static_cast<Real>(in - 1) / static_cast<Real>(out - 1);
  }
  if (sampling.coordinates == "pytorch_half_pixel" && out == 1) return 0;
  if (sampling.coordinates == "tf_half_pixel_for_nn") return (position + half) / scale;
  return (position + half) / scale - half;
}

std::int64_t nearest(const Sampling& sampling, float position, std::int64_t size) {
  float rounded = 0;
  if (sampling.rounding == "floor")
    rounded = std::floor(position);
  else if (sampling.rounding == "ceil")
    rounded = std::ceil(position);
  else if (sampling.rounding == "round_prefer_ceil")
    rounded = std::floor(position + 0.5F);
  else
    rounded = std::ceil(position - 0.5F);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(rounded), 0, size - 1);
}

}  // namespace

Sampling read_sampling(const NodeView& node) {
  Sampling sampling;
  const auto mode = node.text("mode", "nearest");
  if (mode != "nearest" && mode != "linear" && mode != "bilinear")
    throw Unsupported(fmt::format("it resizes with mode '{}'", mode));
  sampling.linear = mode != "nearest";
  if (node.opset() < 11) {
    sampling.coordinates = "asymmetric";
    sampling.rounding = "floor";
    return sampling;
  }
  sampling.coordinates = node.text("coordinate_transformation_mode", sampling.coordinates);
  sampling.rounding = node.text("nearest_mode", sampling.rounding);
  if (sampling.coordinates == "tf_crop_and_resize") throw Unsupported("it crops and resizes");
  if (node.integer("antialias", 0) != 0 || node.has("axes") || node.integer("exclude_outside", 0) != 0 ||
      node.text("keep_aspect_ratio_policy", "stretch") != "stretch") {
    throw Unsupported("it resizes with antialiasing, on given axes or at a kept aspect ratio");
  }
  return sampling;
}

AxisSamples sample_axis(std::int64_t in, std::int64_t out, double scale, const Sampling& sampling) {
  AxisSamples samples;
  for (std::int64_t i = 0; i < out; ++i) {
    if (!sampling.linear) {
      const auto position = source_position(sampling, i, in, out, static_cast<float>(scale));
      samples.low.push_back(nearest(sampling, position, in));
      samples.high.push_back(samples.low.back());
      samples.weights.push_back(0);
      continue;
    }
    const auto position = source_position(sampling, i, in, out, scale);
    const auto clamped = std::clamp(position, 0.0, static_cast<double>(in - 1));
    samples.low.push_back(static_cast<std::int64_t>(clamped));
    samples.high.push_back(std::min(samples.low.back() + 1, in - 1));
    samples.weights.push_back(clamped - std::floor(clamped));
  }
  return samples;
}

}  // namespace dreamreel::network
