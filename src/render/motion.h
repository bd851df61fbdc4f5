// How the source's pixels move from frame to frame.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "dreamreel/flow/flow.h"
#include "dreamreel/job/job.h"

namespace dreamreel::render {

/// How a frame's pixels moved since the one that it is carried on from.
struct Motion {
  double seconds_since_previous = 0;
  double frames_since_previous = 1;
  std::optional<at::Tensor>
      prev_from_cur;  ///< (2,H,W) px; none for pure feedback, without flow or at a shot's start
  std::optional<at::Tensor> reliability;  ///< (1,H,W); none where every pixel is trusted
};

/// Motion between source frames, as the job wants it found. One thread.
class MotionFinder {
 public:
  explicit MotionFinder(const job::Temporal& temporal);
  /// Adds flow and reliability; nothing where the job has no flow or a frame no picture.
  void add(const at::Tensor& previous, const at::Tensor& current, Motion& motion);
  /// The flow alone; nullopt where add() adds nothing.
  std::optional<flow::FlowPair> flow(const at::Tensor& previous, const at::Tensor& current);
  /// Its half of a motion, with the reliability; nothing without a flow.
  void describe(const std::optional<flow::FlowPair>& flow, Motion& motion) const;

 private:
  const bool wants_flow_, wants_reliability_;
  flow::FlowEstimator estimator_;
};

}  // namespace dreamreel::render
