// What the parts of an earlier render show, told by keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::prepare {

/// The times of an earlier plan. The earlier sound is not known any more, so the present sound is used. Both
/// arguments must outlive the result.
schedule::FrameKeys::TimeOf time_of_earlier(const schedule::Plan& before, const footage::Timeline& present);

class EarlierKeys {
 public:
  /// Both arguments must outlive the object. Takes about 3 microseconds a frame.
  EarlierKeys(const schedule::Plan& before, const footage::Timeline& present);
  EarlierKeys(const EarlierKeys&) = delete;
  EarlierKeys& operator=(const EarlierKeys&) = delete;

  /// The key of the picture that a part of the plan shows at a frame (FrameKey::shown). nullopt if it cannot
  /// be told: the earlier job names what no longer exists, or its sound was another.
  std::optional<std::string> shown(std::int64_t frame) const;

 private:
  const schedule::Plan& before_;
  std::optional<job::Job> job_;
  std::optional<schedule::FrameKeys> keys_;
};

}  // namespace dreamreel::prepare
