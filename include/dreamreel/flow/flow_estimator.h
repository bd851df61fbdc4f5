// Estimates the flow between two frames. Rules of flow.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "dreamreel/core/choices.h"
#include "dreamreel/flow/flow.h"

namespace dreamreel::flow {

using Method = FlowMethod;
/// DIS presets of OpenCV, faster to finer.
enum class Quality { ultrafast, fast, medium };

struct FlowOptions {
  Method method = Method::dis;
  Quality quality = Quality::medium;  ///< used by Method::dis
};

/// Frames with a shorter side below this have no flow to speak of: it is taken as zero.
constexpr std::int64_t kSmallestSide = 16;

class FlowEstimator {
 public:
  explicit FlowEstimator(const FlowOptions& options);
  ~FlowEstimator();
  FlowEstimator(FlowEstimator&&) noexcept;
  FlowEstimator& operator=(FlowEstimator&&) noexcept;

  /// Frames float32 (3,H,W) [0,1], same size. Method::none and frames under kSmallestSide give zero flow.
  /// Depends on the two frames alone, never on what was computed before.
  FlowPair compute(const at::Tensor& previous, const at::Tensor& current);
  /// The same of 8-bit luma, (1,H,W) on the CPU.
  FlowPair compute_levels(const at::Tensor& previous, const at::Tensor& current);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::flow
