#include "dreamreel/carry/twins.h"

#include <fmt/core.h>

#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/schedule/feedback.h"

namespace dreamreel::carry {

Twins::Twins(const schedule::Loop& loop, const job::Job& job, const footage::Timeline& timeline,
             double frames_per_second, Open open)
    : loop_(loop),
      is_feedback_(schedule::is_feedback(job)),
      frames_per_second_(frames_per_second),
      open_(std::move(open)),
      motion_(job.temporal, timeline) {}

Twin Twins::of(const schedule::FrameStep::Pull& pull, bool wants_motion) {
  Twin twin;
  twin.weight = pull.weight;
  twin.frame.index = pull.frame;
  twin.continues_shot = pull.continues_shot;
  twin.shot_begin = pull.shot_begin;
  if (is_feedback_)
    twin.motion.seconds_since_previous = 1 / frames_per_second_;
  else
    read(twin, wants_motion);
  return twin;
}

void Twins::read(Twin& twin, bool wants_motion) {
  const std::int64_t index = twin.frame.index;
  if (!source_) {
    source_ = open_();
    position_ = -loop_.run_in;
    position_ += source_->skip(std::max<std::int64_t>(index - 1 - position_, 0));
  }
  while (position_ <= index) {
    auto frame = decode(position_);
    if (position_ > index)
      twin.frame = std::move(frame);
    else
      previous_ = std::move(frame);
  }
  if (twin.continues_shot && previous_) {
    twin.previous_source = previous_->rgb;
    twin.motion.seconds_since_previous = twin.frame.seconds - previous_->seconds;
    if (wants_motion) motion_.add(previous_->rgb, twin.frame, twin.motion);
  }
  previous_ = twin.frame;
}

media::VideoFrame Twins::decode(std::int64_t index) {
  auto frame = source_->next();
  if (!frame)
    throw DataError(
        fmt::format("frame {} of the source, which the end of the loop turns into, cannot be read any more",
                    index + loop_.run_in));
  ++position_;
  return std::move(*frame);
}

}  // namespace dreamreel::carry
