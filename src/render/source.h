// Where frames come from: a decoder, or nothing but a first picture that is dreamed on for ever.
#pragma once

#include <memory>

#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"

namespace dreamreel::render {

/// True for noise and for a still that becomes a video: after the first picture the dream feeds on itself.
bool is_feedback(const job::Job& job);

/// Pulled by one thread. A frame whose `rgb` is undefined has no source of its own: the dream feeds on itself.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual const media::VideoInfo& info() const = 0;
  virtual std::optional<media::VideoFrame> next() = 0;
  virtual bool skip() = 0;  ///< passes over a frame quickly; false at the end
  virtual media::DecodeReport report() const = 0;
};

/// The job's input. A source of pure feedback gives its first picture at frame `first_frame`, because a render may begin
/// anywhere. Throws what media::Reader throws.
std::unique_ptr<FrameSource> open_source(const job::Job& job, std::int64_t first_frame);

}  // namespace dreamreel::render
