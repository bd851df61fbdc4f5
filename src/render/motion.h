// Finds how the source's pixels move from frame to frame.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "dreamreel/flow/flow.h"
#include "dreamreel/job/job.h"

namespace dreamreel::render {

/// The motion of a frame's pixels since the frame from which the dream is carried.
struct Motion {
  double seconds_since_previous = 0;
  double frames_since_previous = 1;
  std::optional<at::Tensor>
      prev_from_cur;  ///< (2,H,W) px; empty for pure feedback, without flow and at a shot's start
  std::optional<at::Tensor> reliability;  ///< (1,H,W) in [0,1]; empty if every pixel is trusted
};

/// Finds the motion between source frames, with the job's settings. One thread.
class MotionFinder {
 public:
  explicit MotionFinder(const job::Temporal& temporal);
  /// Adds flow and reliability. Adds nothing if the job has no flow, or if a frame has no picture.
  void add(const at::Tensor& previous, const at::Tensor& current, Motion& motion);
  /// The flow alone; nullopt if add() would add nothing.
  std::optional<flow::FlowPair> flow(const at::Tensor& previous, const at::Tensor& current);
  /// Sets flow and reliability of `motion`; does nothing without a flow.
  void describe(const std::optional<flow::FlowPair>& flow, Motion& motion) const;

 private:
  const bool wants_flow_, wants_reliability_;
  flow::FlowEstimator estimator_;
};

}  // namespace dreamreel::render
