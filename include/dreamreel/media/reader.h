// Reads any video, still or numbered sequence of pictures, and gives frames in display order. Each frame is
// decoded, rotated upright, run through the user's filter chain, given square pixels, and converted to R'G'B'
// with the right matrix and range. No frame is dropped or doubled. Does not touch sound (the Writer copies
// it). One thread at a time; libav decodes with threads of its own.
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
  /// Half-open range, applied before the filter; nullopt: from the start / to the end. Seconds are compared
  /// with a frame's time; frames count from 0.
  std::optional<TimePoint> trim_start;
  std::optional<TimePoint> trim_end;
  std::optional<Rational> frame_rate;  ///< rate of a printf pattern or a still (default 24)
  /// Read VideoFrame::alpha. VP8 and VP9 with alpha, as WebM has it, are then decoded by libvpx, because
  /// libav's own decoders leave it out.
  bool alpha = false;
  /// Above 0: gives thumbnails with no side longer than this, by area averages. Several times faster, for a
  /// look at a clip.
  int longest_side = 0;
  /// Makes an index of the frames and keeps it in the cache. skip(count) of this Reader and of later Readers
  /// of the file then need not decode the frames that they skip. For a clip that is opened more than once.
  bool index = false;
};

/// The damage found so far. Frames missing at the file's end are known once next() has returned nullopt
/// there.
struct DecodeReport {
  std::int64_t frames = 0;
  bool damaged = false;  ///< the file is truncated or has undecodable packets
  std::string message;   ///< what was lost, one line; "" if nothing
};

class Reader {
 public:
  /// Opens and probes. Usually nothing is decoded. The first frame is decoded if some facts cannot be known
  /// otherwise: with a filter, with a trimmed start, if alpha is wanted, or if the input is made of pictures.
  /// Throws InputError (66) for a missing, unreadable or non-video file, JobError (78) for a filter chain
  /// that libav refuses or a trim that selects nothing.
  explicit Reader(const ReaderOptions& options);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  const VideoInfo& info() const;

  /// The next frame, or nullopt at the end (of the trim or the file). Damaged data is skipped and reported,
  /// not thrown; InputError only if not a single frame decodes.
  std::optional<VideoFrame> next();

  /// Skips the next frame without converting it, many times faster than next(). False at the end.
  bool skip();
  /// Skips up to `count` frames and returns how many were skipped. If the file has an index, and the filter
  /// makes each frame of one frame, this is a jump, which takes as long as decoding from a key frame on.
  /// Frames after a jump have the same bits.
  std::int64_t skip(std::int64_t count);

  /// Everything that the frames depend on, as text: the file by path, size and time of change, the options,
  /// FFmpeg's versions. "" for numbered pictures.
  std::string key() const;

  /// Once `stop` is set, next() and skip() throw Interrupted, even while they look for a frame that is far
  /// away. `stop`, which may be null, must outlive these calls.
  void stop_at(const std::atomic<bool>* stop);

  /// May be called at any time, so that damage inside a range is reported although the rest was never read.
  DecodeReport report() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::media
