// The two kinds of output behind Writer.
#pragma once

#include <memory>

#include "dreamreel/media/writer.h"

namespace dreamreel::media {

class Output {
 public:
  virtual ~Output() = default;
  virtual void write(const VideoFrame& frame) = 0;
  virtual void finish() = 0;
};

/// A container with video and sound.
std::unique_ptr<Output> open_video_file(const WriterOptions& options, const VideoInfo& source);
/// Numbered pictures, or one picture.
std::unique_ptr<Output> open_pictures(const WriterOptions& options, const VideoInfo& source);

}  // namespace dreamreel::media
