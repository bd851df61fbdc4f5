// Sources of frames: a decoder, or pure feedback, which has only a first picture.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dreamreel/core/stopping.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/schedule/loop.h"

namespace dreamreel::footage {

/// A source of frames, read by one thread. A frame whose `rgb` is undefined has no picture, because the dream
/// feeds on itself. The first frame has the number -loop().run_in. `info` describes the frames from 0 on.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual const media::VideoInfo& info() const = 0;
  virtual std::optional<media::VideoFrame> next() = 0;
  virtual bool skip() = 0;  ///< passes over a frame quickly; false at the end
  /// Passes over `count` frames, with a jump if possible. Returns how many frames were passed over, which is
  /// less at the end.
  virtual std::int64_t skip(std::int64_t count);
  virtual media::DecodeReport report() const = 0;
  virtual schedule::Loop loop() const = 0;
  /// Once `stop` is set, next() and skip() throw Interrupted. `stop` must outlive the source.
  virtual void stop_at(const std::atomic<bool>* /*stop*/) {}
  /// The number of frames from 0 on, if they are known to be one shot without reading any of them. Only pure
  /// feedback knows this.
  virtual std::optional<std::int64_t> frames_of_one_shot() const { return {}; }
  /// A text with everything that the frames depend on; "" if this cannot be told.
  virtual std::string key() const { return ""; }
};

/// Opens the job's input. A render may begin at any frame, so pure feedback gives its first picture at frame
/// `first_frame`. To find its loop, a looping clip is decoded to the end. If the job gives no crossfade, the
/// clip's first frames are compared as well. Both are skipped if `loop` gives the result of an earlier
/// opening. `longest_side` is media::ReaderOptions::longest_side. Throws what media::Reader throws, and
/// JobError if the job cannot loop.
std::unique_ptr<FrameSource> open_source(const job::Job& job, std::int64_t first_frame,
                                         const std::optional<schedule::Loop>& loop = {},
                                         int longest_side = 0);

/// Calls open_source() on a thread that is abandoned on a signal. Opening may take long: if a trim starts
/// late in the clip, everything before it is decoded. Throws Interrupted once `stop` or `unwanted` is set;
/// both may be null.
std::unique_ptr<FrameSource> open_source_in_background(const job::Job& job, std::int64_t first_frame,
                                                       const std::atomic<bool>* stop,
                                                       const std::optional<schedule::Loop>& loop = {},
                                                       int longest_side = 0,
                                                       const std::atomic<bool>* unwanted = nullptr);

}  // namespace dreamreel::footage
