// Any video, still or numbered sequence of pictures -> frames in display order. Decodes, filters, rotates
// upright, makes pixels square, converts to R'G'B' with the right matrix and range. Does not touch sound (see
// sound.h). One thread at a time; decoding itself is threaded by libav.
#pragma once

#include <memory>

#include "dreamreel/media/video.h"

namespace dreamreel::media {

struct ReaderOptions {
  std::filesystem::path path;           ///< file, or printf pattern such as "frames/%06d.png"
  std::string filter;                   ///< libavfilter chain, "" for none
  std::optional<TimePoint> trim_start;  ///< half-open range; nullopt: from the start / to the end
  std::optional<TimePoint> trim_end;
  std::optional<Rational> frame_rate;  ///< of a printf pattern or a still (default 24)
};

/// What decoding met, known once next() returned nullopt.
struct DecodeReport {
  std::int64_t frames = 0;
  bool damaged = false;  ///< the file is truncated or has undecodable packets
  std::string message;   ///< what was lost, one line; "" if nothing
};

class Reader {
 public:
  /// Opens and probes. Throws InputError (66) for a missing, unreadable or non-video file, JobError (78) for
  /// a filter chain that libav refuses or a trim that selects nothing.
  explicit Reader(const ReaderOptions& options);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  const VideoInfo& info() const;

  /// The next frame, or nullopt at the end (of the trim or the file). Damaged data is skipped and reported,
  /// not thrown; InputError only if not a single frame decodes.
  std::optional<VideoFrame> next();

  DecodeReport report() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::media
