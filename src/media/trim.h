// Decides which frames of a file are wanted: a half-open range in seconds or frames.
#pragma once

#include <optional>
#include <string>

#include "dreamreel/core/time.h"
#include "video_decoder.h"

namespace dreamreel::media {

class Trim {
 public:
  enum class Place { before, inside, after };

  /// JobError if the end is not after the start. `name` is the file's, for messages.
  Trim(std::optional<TimePoint> start, std::optional<TimePoint> end, std::string name);

  bool has_start() const { return start_.has_value(); }
  bool reached_end() const { return reached_end_; }
  /// The end in seconds from the file's beginning, nullopt if open.
  std::optional<double> end_seconds(double frames_per_second) const;

  /// Skips to shortly before the start if the start lies far inside the file. `zero_seconds` is the time of
  /// the container clock's 0, relative to the file (0 or less).
  void seek(VideoDecoder& decoder, double zero_seconds);

  /// The place of the next decoded frame; call once per frame, in order. If seek() went too far, the decoder
  /// is sent back to the file's start, and the frame is reported as `before`.
  Place place(double seconds, VideoDecoder& decoder);

  /// Whether the frame with this number, counted from the file's first one, and this time lies before the
  /// end.
  bool ends_behind(std::int64_t number, double seconds) const;
  /// Counts `count` frames that were passed over without place().
  void pass_over(std::int64_t count) { index_ += count; }

  [[noreturn]] void throw_selects_nothing(const DecodeStatistics& statistics) const;

 private:
  std::optional<TimePoint> start_, end_;
  std::string name_;
  std::int64_t index_ = 0;  ///< number of the next frame to be placed
  double last_seconds_ = 0;
  bool unproven_seek_ = false;  ///< no frame before the start has come since the seek
  bool reached_end_ = false;
};

}  // namespace dreamreel::media
