// Finds the frames of --frames in a job. The text itself is read in frame_span.cpp, without the engine.
#include <cmath>

#include "dreamreel/footage/time_range.h"
#include "frame_span.h"

namespace dreamreel::app {

schedule::FrameRange frames_of(const FrameSpan& span, const job::Job& job, const std::atomic<bool>* stop) {
  const auto is_frame = [](const TimePoint& point) { return point.unit == TimePoint::Unit::frames; };
  schedule::FrameRange range;
  if (is_frame(span.begin) && (!span.end || is_frame(*span.end))) {
    range.begin = std::llround(span.begin.value);
    if (span.end) range.end = std::llround(span.end->value);
  } else {
    range = footage::frames_between(job, span.begin, span.end, stop);
  }
  if (span.one_frame) range.end = range.begin + 1;
  return range;
}

}  // namespace dreamreel::app
