// Frames of an animation (GIF, APNG, WebP) left out where it cannot show them. GIF counts in hundredths of a
// second, and browsers and players take a delay below two of them for a mistake and wait a tenth of a second
// instead. Which frames stay depends on their times alone, so that every run leaves out the same ones, and
// what stays is shown when it should be.
#pragma once

#include <deque>
#include <optional>

#include "dreamreel/media/video.h"
#include "libav.h"

namespace dreamreel::media {

class AnimationPace {
 public:
  /// Other containers take every frame at once. Says so once if frames at the source's rate will be left out.
  AnimationPace(const AVOutputFormat& container, const VideoInfo& source);

  /// Whether frames may be left out of this container.
  static bool leaves_out(const AVOutputFormat& container);

  /// Takes the next frame; returns one that is to be written, if it is sure by now, its duration up to the
  /// one after it.
  std::optional<VideoFrame> add(VideoFrame frame);
  /// No more frames come; what is left is given by drain().
  void finish();
  /// One frame a call, nullopt when all were given.
  std::optional<VideoFrame> drain();

 private:
  std::int64_t ticks(std::int64_t pts) const;

  AVRational source_unit_;
  AVRational unit_{1, 1000};
  std::int64_t shortest_ = 0;    ///< of a delay, in unit_; 0: every frame is written
  std::deque<VideoFrame> held_;  ///< two at most, since the end may come too soon after the last one
  std::int64_t end_ = 0;         ///< of what was added, in the source's unit
};

}  // namespace dreamreel::media
