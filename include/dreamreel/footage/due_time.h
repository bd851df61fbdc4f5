// When a time of a job has come, for cuts and ranges of frames. The rule is that of keyframes in
// curve/curve.h. So a key, a cut and a range with the same time begin with the same frame.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "dreamreel/core/beat_grid.h"
#include "dreamreel/core/time.h"
#include "dreamreel/curve/curve_time.h"

namespace dreamreel::footage {

struct DueTime {
  enum class By { frame, seconds, beat };
  By by = By::seconds;
  double at = 0;  ///< a frame number, or seconds; for beats, the earliest time stamp of the frame in question

  static constexpr double kSameTimeSeconds = 1e-6;  ///< two times closer than this differ only by rounding

  /// How far a frame has come, in the unit of `at`.
  static double place_of(const curve::CurveTime& time, By by) {
    if (by == By::frame) return time.frame;
    // A container may round a time stamp to just before the time in seconds that a person wrote.
    return by == By::beat ? time.seconds : time.seconds + std::max(kSameTimeSeconds, time.tick_seconds / 2);
  }
  bool has_come(const curve::CurveTime& time) const { return at <= place_of(time, by); }
  /// The first frame at or after the time, at a constant rate.
  std::int64_t first_frame(double frames_per_second) const {
    if (by == By::frame) return std::llround(at);
    const double earliest = by == By::beat ? at : at - kSameTimeSeconds;
    return std::max<std::int64_t>(0, std::llround(std::ceil(earliest * frames_per_second)));
  }
};

/// `beats` may be null for times in seconds and frames.
inline DueTime due_time(const TimePoint& time, const BeatGrid* beats, double frames_per_second) {
  using By = DueTime::By;
  if (time.unit == TimePoint::Unit::frames) return {By::frame, time.value};
  if (!time.counts_beats()) return {By::seconds, time.value};
  return {By::beat, earliest_frame_start(beats->seconds_at(time), frames_per_second)};
}

}  // namespace dreamreel::footage
