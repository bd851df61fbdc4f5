// Leaves out frames that an animation (GIF, APNG, WebP) cannot show. GIF counts in hundredths of a second.
// Browsers and players take a delay below two hundredths for a mistake, and wait a tenth of a second instead.
// The choice of frames depends on their times alone, so every run leaves out the same frames, and each
// remaining frame is shown at its own time.
#pragma once

#include <deque>
#include <optional>

#include "dreamreel/media/video.h"
#include "libav.h"

namespace dreamreel::media {

class AnimationPace {
 public:
  /// Logs once if frames will be left out at the source's rate. Containers other than animations get every
  /// frame.
  AnimationPace(const AVOutputFormat& container, const VideoInfo& source);

  /// Whether frames may be left out of this container.
  static bool leaves_out(const AVOutputFormat& container);

  /// Takes the next frame. Returns a frame to write, if one is certain by now; its duration reaches to the
  /// frame after it.
  std::optional<VideoFrame> add(VideoFrame frame);
  /// Call when no more frames come. drain() then returns the remaining frames.
  void finish();
  /// Returns one frame a call, and nullopt once all have been returned.
  std::optional<VideoFrame> drain();

 private:
  std::int64_t ticks(std::int64_t pts) const;

  AVRational source_unit_;
  AVRational unit_{1, 1000};
  std::int64_t shortest_ = 0;    ///< shortest delay, in unit_; 0: every frame is written
  std::deque<VideoFrame> held_;  ///< two at most, since the end may come too soon after the last one
  std::int64_t end_ = 0;         ///< end of the last added frame, in the source's unit
};

}  // namespace dreamreel::media
