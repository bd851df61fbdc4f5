// Where each frame of a job stands in time, for its curves. Plain data, known once the source has been opened.
#pragma once

#include <cstdint>

#include "dreamreel/curve/curve_time.h"

namespace dreamreel::schedule {

struct Clock {
  double frames_per_second = 24;
  double duration_seconds = 0;   ///< of the whole job; 0 where it is not known
  double tick_seconds = 0;       ///< of the source's clock
  bool has_grid = true;          ///< the rate is constant
  std::int64_t frame_count = 0;  ///< of the whole job; 0 where it is not known
  bool operator==(const Clock&) const = default;

  /// `seconds` is the frame's own time. Frames before frame 0, the run-in of a loop, stand at the end of the time line.
  /// Where the rate is constant, the result has the time on the grid of frames (on_frame_grid()), without what the
  /// container's clock rounded off. The sound is left out.
  curve::CurveTime at(std::int64_t frame, double seconds) const;
  /// The frame's time where the rate is constant and no frame is missing.
  double on_grid(std::int64_t frame) const { return static_cast<double>(frame) / frames_per_second; }
};

/// Halfway through the step that ends at `time` and takes `seconds` and `frames`: there the camera's curves are read, by
/// the midpoint rule.
curve::CurveTime middle_of_step(curve::CurveTime time, double seconds, double frames);

}  // namespace dreamreel::schedule
