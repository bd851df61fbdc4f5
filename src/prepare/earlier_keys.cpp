#include "earlier_keys.h"

#include "dreamreel/core/error.h"

namespace dreamreel::prepare {

schedule::FrameKeys::TimeOf time_of_earlier(const schedule::Plan& before, const footage::Timeline& present) {
  return [&](std::int64_t frame, double seconds) {
    auto time = before.clock.at(frame, seconds);
    const auto now = present.at(frame, seconds);
    time.sound = now.sound;
    time.beats = now.beats;
    time.own = now.own;
    return time;
  };
}

EarlierKeys::EarlierKeys(const schedule::Plan& before, const footage::Timeline& present) : before_(before) {
  try {
    job_ = job::parse_job(before.job_yaml, "plan.json", job::default_load_options());
    keys_.emplace(*job_, before, time_of_earlier(before, present));
    // Equal keys of all parts show that job and sound are the earlier ones.
    if (keys_->part_keys() != before.part_keys) keys_.reset();
  } catch (const Error&) {  // the earlier job names a card or a key that no longer exists
    keys_.reset();
  }
}

std::optional<std::string> EarlierKeys::shown(std::int64_t frame) const {
  if (!keys_ || frame < before_.begin() || frame >= before_.end()) return {};
  return keys_->of(frame).shown;
}

}  // namespace dreamreel::prepare
