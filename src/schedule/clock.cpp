#include "dreamreel/schedule/clock.h"

#include "dreamreel/core/time.h"

namespace dreamreel::schedule {

curve::CurveTime Clock::at(std::int64_t frame, double seconds) const {
  if (frame < 0) return at(frame + frame_count, seconds + duration_seconds);
  curve::CurveTime time{seconds,          frames_per_second, static_cast<double>(frame),
                        duration_seconds, nullptr,           tick_seconds};
  if (!has_grid) return time;
  if (const auto exact = on_frame_grid(seconds, frames_per_second, tick_seconds)) {
    time.seconds = *exact;
    time.tick_seconds = 0;
  }
  return time;
}

curve::CurveTime middle_of_step(curve::CurveTime time, double seconds, double frames) {
  time.seconds -= seconds / 2;
  time.frame -= frames / 2;
  return time;
}

}  // namespace dreamreel::schedule
