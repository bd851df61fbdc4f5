// The motion that most of two frames shares, in whole pixels, however far it is. Rules of flow.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::flow {

/// px; what is at p in the current frame is for the most part at p + shift in the previous one.
struct Shift {
  std::int64_t x = 0, y = 0;
  bool operator==(const Shift&) const = default;
};

/// The motion that explains most of the picture's detail, or none where no shift explains 15 % of it.
/// Frames of at most 256 px a side are correlated over all shifts, after their detail has been divided by
/// its deviation nearby: then something bright that passes in front counts for no more than its area. No
/// motion, and `guess`, are taken without a look at other shifts where they explain 40 %. The result is
/// good to about two pixels of small frames.
Shift overall_shift(const at::Tensor& previous_luma, const at::Tensor& current_luma, const Shift& guess = {});

/// Where most of a flow (2,H,W) leads in as many times its frames: its median.
Shift steady_shift(const at::Tensor& prev_from_cur, double times);

}  // namespace dreamreel::flow
