// Makes times rise, because muxers insist on that. In some streams the times repeat or fall a little (TrueHD
// in Matroska, joined recordings, sources finer than the container's clock), and a muxer would refuse them.
// Here such times are raised by the smallest step that the container can store. The result depends only on
// the packets before, so it is the same in every run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "libav.h"

namespace dreamreel::media {

class RisingTimes {
 public:
  /// `may_repeat`: the container takes packets of equal decoding times.
  explicit RisingTimes(bool may_repeat = false) : step_(may_repeat ? 0 : 1) {}

  /// Corrects the packet's times, which are in the output's time base. A missing time becomes the expected
  /// next time, or the packet's other time.
  void put_right(AVPacket& packet) {
    packet.pts = bounded(packet.pts);
    packet.dts = bounded(packet.dts);
    if (packet.dts == AV_NOPTS_VALUE) packet.dts = packet.pts != AV_NOPTS_VALUE ? packet.pts : bounded(next_);
    if (last_ != AV_NOPTS_VALUE && packet.dts < last_ + step_) {
      ++raised_;
      furthest_ = std::max(furthest_, last_ + step_ - packet.dts);
      packet.dts = last_ + step_;
    }
    if (packet.pts == AV_NOPTS_VALUE || packet.pts < packet.dts) packet.pts = packet.dts;
    last_ = packet.dts;
    next_ = packet.dts + std::clamp<std::int64_t>(packet.duration, 1, kFurthest);
  }

  std::int64_t raised() const { return raised_; }      ///< packets
  std::int64_t furthest() const { return furthest_; }  ///< the largest raise, in the output's time base

 private:
  // Damaged files have times near the ends of their type. Without a bound, the sums below would overflow.
  static constexpr std::int64_t kFurthest = std::numeric_limits<std::int64_t>::max() / 4;

  static std::int64_t bounded(std::int64_t time) {
    return time == AV_NOPTS_VALUE ? time : std::clamp(time, -kFurthest, kFurthest);
  }

  std::int64_t step_;
  std::int64_t last_ = AV_NOPTS_VALUE;
  std::int64_t next_ = 0;
  std::int64_t raised_ = 0, furthest_ = 0;
};

}  // namespace dreamreel::media
