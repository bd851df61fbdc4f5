#include "opened_source.h"

#include <utility>

#include "dreamreel/schedule/feedback.h"

namespace dreamreel::render {

OpenedSource::OpenedSource(const job::Job& job, const schedule::Plan& plan, const std::atomic<bool>* stop)
    : job_(job), plan_(plan), stop_(stop) {}

const schedule::FrameKeys& OpenedSource::keys() {
  if (keys_) return *keys_;
  source_ = open(plan_.begin());
  timeline_.emplace(job_, source_->info(), stop_);
  keys_.emplace(job_, plan_,
                [this](std::int64_t frame, double seconds) { return timeline_->at(frame, seconds); });
  return *keys_;
}

void OpenedSource::begin(const schedule::Run& run) {
  keys();
  const bool was_used = std::exchange(is_used_, true);
  if (was_used || schedule::is_feedback(job_)) source_ = open(run.opens_at);
}

std::unique_ptr<footage::FrameSource> OpenedSource::open(std::int64_t first_frame) const {
  return footage::open_source_in_background(job_, first_frame, stop_, plan_.loop);
}

}  // namespace dreamreel::render
