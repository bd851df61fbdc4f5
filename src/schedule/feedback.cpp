#include "dreamreel/schedule/feedback.h"

#include <algorithm>
#include <cmath>

namespace dreamreel::schedule {

bool is_feedback(const job::Job& job) {
  return job.input.noise || job.input.duration;
}

bool is_carried(const job::Job& job) {
  return is_feedback(job) || job.temporal.blend.max() > 0;
}

std::int64_t frames_remembered(const job::Job& job, double frames_per_second) {
  const auto& [zoom, rotate, pan_x, pan_y, pivot_x, pivot_y, border] = job.camera;
  const auto is_always = [](const curve::Curve& curve, double value) {
    return curve.min() == value && curve.max() == value;
  };
  const bool rests = is_always(zoom, 1) && is_always(rotate, 0) && is_always(pan_x, 0) && is_always(pan_y, 0);
  const bool sees = job.temporal.flow != job::Temporal::Flow::none && job.temporal.occlusion;
  if (!sees || !rests || is_feedback(job) || !is_carried(job)) return 0;
  if (!job.temporal.at_fps) return job.temporal.memory;
  constexpr double kMost = 100'000;
  const double frames = job.temporal.memory * frames_per_second / job.temporal.at_fps->value();
  return std::llround(std::min(frames, kMost));
}

}  // namespace dreamreel::schedule
