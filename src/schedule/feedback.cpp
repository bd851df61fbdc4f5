#include "dreamreel/schedule/feedback.h"

namespace dreamreel::schedule {

bool is_feedback(const job::Job& job) {
  return job.input.noise || job.input.duration;
}

bool is_carried(const job::Job& job) {
  return is_feedback(job) || job.temporal.blend.max() > 0;
}

}  // namespace dreamreel::schedule
