// Where frames come from: a decoder, or nothing but a first picture that is dreamed on for ever.
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

namespace dreamreel::render {

/// Pulled by one thread. A frame whose `rgb` is undefined has no source of its own: the dream feeds on
/// itself. The first frame is number -loop().run_in, and `info` is of those from 0 on.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual const media::VideoInfo& info() const = 0;
  virtual std::optional<media::VideoFrame> next() = 0;
  virtual bool skip() = 0;  ///< passes over a frame quickly; false at the end
  /// Passes over `count` frames, by a jump where that is possible, and returns how many there were.
  virtual std::int64_t skip(std::int64_t count);
  virtual media::DecodeReport report() const = 0;
  virtual schedule::Loop loop() const = 0;
  /// Once `stop` is set, next() and skip() throw Interrupted; it must outlive them.
  virtual void stop_at(const std::atomic<bool>* /*stop*/) {}
  /// The number of frames from 0 on where all of them are one shot and none has to be read to know that: pure
  /// feedback.
  virtual std::optional<std::int64_t> frames_of_one_shot() const { return {}; }
  /// Everything that the frames depend on, as text; "" where that cannot be told.
  virtual std::string key() const { return ""; }
};

/// The job's input. A source of pure feedback gives its first picture at frame `first_frame`, because a
/// render may begin anywhere. A clip that loops is decoded to its end for that, and where its job leaves the
/// crossfade out its first frames are compared, unless `loop` is given, as an earlier opening found it.
/// Throws what media::Reader throws, JobError where the job cannot loop. `longest_side` is
/// media::ReaderOptions'.
std::unique_ptr<FrameSource> open_source(const job::Job& job, std::int64_t first_frame,
                                         const std::optional<schedule::Loop>& loop = {},
                                         int longest_side = 0);

/// open_source(), left behind on a signal: to a trim that starts far in everything before it is decoded. Throws Interrupted
/// once `stop` or `unwanted` is set, either of which may be null.
std::unique_ptr<FrameSource> open_source_in_background(const job::Job& job, std::int64_t first_frame,
                                                       const std::atomic<bool>* stop,
                                                       const std::optional<schedule::Loop>& loop = {},
                                                       int longest_side = 0,
                                                       const std::atomic<bool>* unwanted = nullptr);

}  // namespace dreamreel::render
