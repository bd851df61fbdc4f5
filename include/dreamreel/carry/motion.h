// Finds how the source's pixels move from frame to frame.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "dreamreel/flow/distant.h"
#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/flow/reliability.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::carry {

/// The motion of a frame's pixels since the frame from which the dream is carried.
struct Motion {
  double seconds_since_previous = 0;  ///< in a backward pass, until the frame behind; never negative
  double frames_since_previous = 1;
  std::optional<at::Tensor>
      prev_from_cur;  ///< (2,H,W) px; empty for pure feedback, without flow and at a shot's start
  std::optional<at::Tensor> reliability;     ///< (1,H,W) in [0,1]; empty if every pixel is trusted
  std::optional<flow::Distrust> distrust{};  ///< what the reliability is made of, while it is needed
  bool is_backward = false;                  ///< the dream is carried from a later frame of the video
};

/// An older dream that a part of a frame is carried on from, because no nearer one can be trusted there.
struct Recollection {
  std::int64_t frame = 0;
  flow::PlaceWindow window;
  at::Tensor prev_from_cur;  ///< (2,h,w) px, of the window
  at::Tensor weight;         ///< (1,h,w) in [0,1]: how much of it is used
};

/// Finds the motion between source frames, with the job's settings. One thread.
class MotionFinder {
 public:
  /// Both must outlive it.
  MotionFinder(const job::Temporal& temporal, const footage::Timeline& timeline);
  /// Adds flow and reliability. Adds nothing if the job has no flow, or if a frame has no picture.
  void add(const at::Tensor& previous, const media::VideoFrame& current, Motion& motion);
  /// The flow alone; nullopt if add() would add nothing.
  std::optional<flow::FlowPair> flow(const at::Tensor& previous, const at::Tensor& current);
  /// Sets flow and reliability of `motion`, with the job's weights at `frame`. Does nothing without a flow.
  void describe(const std::optional<flow::FlowPair>& flow, const media::VideoFrame& frame,
                Motion& motion) const;

 private:
  const job::Temporal::Distrust& weights_;
  const footage::Timeline& timeline_;
  const bool wants_flow_, wants_reliability_;
  flow::FlowEstimator estimator_;
};

}  // namespace dreamreel::carry
