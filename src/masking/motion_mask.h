// Masks that show where the source moves (from: motion).
#pragma once

#include <optional>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/footage/thumbnails.h"
#include "dreamreel/job/job.h"
#include "steady_matte.h"

namespace dreamreel::masking {

/// The speeds of the source's pixels, for masks of one job. It reads the source again for itself, as
/// thumbnails. The mask of a frame depends on at most SteadyMatte::kFramesBefore + 1 frames before it. In
/// the first frame of a shot, it also depends on the frame behind it. So a frame's mask is the same wherever
/// a render begins, and whatever input.trim leaves of the end. One thread. Frames may be asked for in any
/// order; rising order is fastest.
class MotionMask {
 public:
  /// `is_relative`: speeds are measured against the dominant motion (flow/dominant_motion.h).
  MotionMask(const job::Input& input, bool is_relative);

  /// The mask of a frame, (1,H,W) in [0,1], not yet inverted or feathered: key() of the speeds, with edges
  /// that follow the edges of `rgb`, the frame's picture, (3,H,W) in [0,1]. `number` counts frames from the
  /// trimmed start. Throws what media::Reader throws, and DataError if the source has fewer frames than
  /// before.
  at::Tensor at(std::int64_t number, const at::Tensor& rgb, const job::Mask& mask,
                const curve::CurveTime& time);
  /// The largest number of bytes in use for frames of this size, including the reader.
  static std::int64_t bytes(image::Size frame);

 private:
  void read_up_to(std::int64_t number);
  std::optional<media::VideoFrame> take();
  at::Tensor speed_of(const media::VideoFrame& frame, const flow::FlowPair* since);
  at::Tensor speed(const at::Tensor& flow, double seconds) const;

  const bool is_relative_;
  footage::Thumbnails thumbnails_;
  SteadyMatte steady_;
  flow::FlowEstimator ahead_estimator_{flow::FlowOptions{}};
  std::int64_t next_ = -1;                  // the frame that is added next; -1 before the first
  std::optional<media::VideoFrame> ahead_;  // a frame that was read ahead
  double seconds_ = 0;                      // time of the last frame that was added
};

/// Speeds of pixels that moved as `flow` says, (2,H,W) px, in `seconds`: (1,H,W) in [0,1], in widths of the
/// frame per second.
at::Tensor speeds(const at::Tensor& flow, double seconds);

}  // namespace dreamreel::masking
