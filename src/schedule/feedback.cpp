#include "dreamreel/schedule/feedback.h"

namespace dreamreel::schedule {

bool is_feedback(const job::Job& job) {
  return job.input.noise || job.input.duration;
}

bool is_carried(const job::Job& job) {
  return is_feedback(job) || job.temporal.blend.max() > 0;
}

std::int64_t frames_remembered(const job::Job& job) {
  const auto& [zoom, rotate, pan_x, pan_y, pivot_x, pivot_y, border] = job.camera;
  const auto is_always = [](const curve::Curve& curve, double value) {
    return curve.min() == value && curve.max() == value;
  };
  const bool rests = is_always(zoom, 1) && is_always(rotate, 0) && is_always(pan_x, 0) && is_always(pan_y, 0);
  const bool sees = job.temporal.flow != job::Temporal::Flow::none && job.temporal.occlusion;
  return sees && rests && !is_feedback(job) && is_carried(job) ? job.temporal.memory : 0;
}

}  // namespace dreamreel::schedule
