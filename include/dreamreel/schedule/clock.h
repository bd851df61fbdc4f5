// Tells where each frame of a job stands in time, for the job's curves. Plain data, known once the source has
// been opened.
#pragma once

#include <cstdint>

#include "dreamreel/curve/curve_time.h"

namespace dreamreel::schedule {

struct Clock {
  double frames_per_second = 24;
  double duration_seconds = 0;   ///< duration of the whole job, or 0 if it is not known
  double tick_seconds = 0;       ///< one unit of the source's time stamps
  bool has_grid = true;          ///< the rate is constant
  std::int64_t frame_count = 0;  ///< frames of the whole job, or 0 if it is not known
  bool operator==(const Clock&) const = default;

  /// The time at which the curves of a frame are read. `seconds` is the frame's own time stamp. Frames before
  /// frame 0 are the run-in of a loop, and stand at the end of the time line. If the rate is constant, the
  /// result lies on the grid of frames (on_frame_grid()), so the rounding of the container's clock is undone.
  /// The result has no sound.
  curve::CurveTime at(std::int64_t frame, double seconds) const;
  /// The frame's time in seconds if the rate is constant and no frame is missing.
  double on_grid(std::int64_t frame) const { return static_cast<double>(frame) / frames_per_second; }
};

/// The time halfway through the step that ends at `time`. The step is `seconds` and `frames` long. The curves
/// of the camera are read there, by the midpoint rule.
curve::CurveTime middle_of_step(curve::CurveTime time, double seconds, double frames);

}  // namespace dreamreel::schedule
