// Any video, still or numbered sequence of pictures -> frames in display order: decoded, rotated upright, run
// through the user's filter chain, made square-pixelled, converted to R'G'B' with the right matrix and range.
// No frame is dropped or doubled. Does not touch sound (the Writer copies it). One thread at a time; decoding
// itself is threaded by libav.
//
// Times count from the file's beginning, the container's own start time, so that a clip cut out of a
// recording that starts at 10:00:00 starts at 0.
#pragma once

#include <atomic>
#include <memory>

#include "dreamreel/media/video.h"

namespace dreamreel::media {

struct ReaderOptions {
  std::filesystem::path path;  ///< file, or printf pattern such as "frames/%06d.png"
  std::string filter;          ///< libavfilter chain, "" for none
  /// Half-open range, applied before the filter; nullopt: from the start / to the end. Seconds compare with a
  /// frame's time, frames count from 0.
  std::optional<TimePoint> trim_start;
  std::optional<TimePoint> trim_end;
  std::optional<Rational> frame_rate;  ///< of a printf pattern or a still (default 24)
  /// Read VideoFrame::alpha. VP8 and VP9 with alpha, as WebM has it, are then decoded by libvpx, because
  /// libav's own decoders leave it out.
  bool alpha = false;
  /// Above 0: thumbnails, no side of them longer than this, by area averages. For a look at a clip, several times faster.
  int longest_side = 0;
  /// Lists the frames on the way and keeps the list in the cache, so that skip(count) of this and of later Readers of the
  /// file need not decode what they pass over. For a clip that is opened more than once.
  bool index = false;
};

/// What decoding met so far. What is missing at the file's end is known once next() returned nullopt there.
struct DecodeReport {
  std::int64_t frames = 0;
  bool damaged = false;  ///< the file is truncated or has undecodable packets
  std::string message;   ///< what was lost, one line; "" if nothing
};

class Reader {
 public:
  /// Opens and probes. Nothing is decoded, unless there is a filter or a trimmed start, alpha is asked for, or
  /// the input is made of pictures: then the first frame is, because what it looks like or when it is shown cannot be known
  /// otherwise. Throws InputError (66) for a missing, unreadable or non-video file, JobError (78) for
  /// a filter chain that libav refuses or a trim that selects nothing.
  explicit Reader(const ReaderOptions& options);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  const VideoInfo& info() const;

  /// The next frame, or nullopt at the end (of the trim or the file). Damaged data is skipped and reported,
  /// not thrown; InputError only if not a single frame decodes.
  std::optional<VideoFrame> next();

  /// Passes over the next frame without converting it, many times faster than next(); false at the end.
  bool skip();
  /// Passes over `count` frames and returns how many there were. With an index of the file, and a filter that makes each frame of
  /// one frame, by a jump that takes as long as decoding from a key frame on. Frames after a jump are the same to the bit.
  std::int64_t skip(std::int64_t count);

  /// Everything that the frames depend on, as text: the file by path, size and time of change, the options, FFmpeg's versions.
  /// "" for numbered pictures.
  std::string key() const;

  /// Once `stop` is set, next() and skip() throw Interrupted, also where a frame that is being looked for is
  /// far away. `stop`, which may be null, must outlive them.
  void stop_at(const std::atomic<bool>* stop);

  /// May be asked for at any time, so that damage inside a range shows though the rest was never read.
  DecodeReport report() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::media
