// Shows the mask of a job that a user is still writing: where the dream may be at one frame. The mask comes
// from the code that a render uses (masking/masks.h). To be quick, the last frame and the last mask's network
// are kept for the next call.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "dreamreel/job/job.h"

namespace dreamreel::study {

/// Any thread may call it; calls wait for each other.
class MaskView {
 public:
  MaskView();
  ~MaskView();
  MaskView(const MaskView&) = delete;
  MaskView& operator=(const MaskView&) = delete;

  /// The mask of the whole dream at a frame: (1,H,W) float32 in [0,1] on the CPU, 1 where the dream may be.
  /// Undefined if the job has no such mask. Frames are first reduced as by view_size(), and lengths in pixels
  /// shrink with them (job::smaller()). If the frame is no larger than `longest_side`, the mask has the bits
  /// of a render's. Throws UsageError if the source has no such frame, and what masking::Masks and
  /// footage::Timeline throw.
  at::Tensor mask(const job::Job& job, std::int64_t frame, int longest_side);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::study
