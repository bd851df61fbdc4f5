#include "animation.h"

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "dreamreel/core/log.h"

namespace dreamreel::media {

AnimationPace::AnimationPace(const AVOutputFormat& container, const VideoInfo& source)
    : source_unit_(to_av(source.time_base)) {
  const std::string_view name = container.name;
  if (name == "gif") {
    unit_ = {1, 100};
    shortest_ = 2;
  } else if (name == "apng" || name == "webp") {
    shortest_ = 11;  // browsers replace 10 ms and less
  }
  const double most = shortest_ > 0 ? 1 / (static_cast<double>(shortest_) * av_q2d(unit_)) : 0;
  if (shortest_ == 0 || source.frame_rate.value() <= most) return;
  log_warning_once(
      fmt::format("a {} shows at most {} frames a second, and the source has {}; frames between are left "
                  "out, and the rest keep their times",
                  name, std::lround(most), std::lround(source.frame_rate.value())));
}

bool AnimationPace::leaves_out(const AVOutputFormat& container) {
  const std::string_view name = container.name;
  return name == "gif" || name == "apng" || name == "webp";
}

std::int64_t AnimationPace::ticks(std::int64_t pts) const {
  return av_rescale_q(pts, source_unit_, unit_);
}

std::optional<VideoFrame> AnimationPace::add(VideoFrame frame) {
  end_ = frame.pts + frame.duration;
  if (!held_.empty() && ticks(frame.pts) - ticks(held_.back().pts) < shortest_) return {};
  if (!held_.empty()) held_.back().duration = frame.pts - held_.back().pts;
  held_.push_back(std::move(frame));
  return held_.size() > 2 || shortest_ == 0 ? drain() : std::nullopt;
}

void AnimationPace::finish() {
  // A last frame that would be shown too shortly is left out, and the frame before it gets its time.
  if (held_.size() > 1 && ticks(end_) - ticks(held_.back().pts) < shortest_) held_.pop_back();
  if (!held_.empty()) held_.back().duration = end_ - held_.back().pts;
}

std::optional<VideoFrame> AnimationPace::drain() {
  if (held_.empty()) return {};
  VideoFrame frame = std::move(held_.front());
  held_.pop_front();
  return frame;
}

}  // namespace dreamreel::media
