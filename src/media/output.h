// What Writer writes to: a video file (video_file.h) or pictures (picture_files.h).
#pragma once

#include "dreamreel/media/video.h"

namespace dreamreel::media {

class Output {
 public:
  virtual ~Output() = default;
  virtual void write(const VideoFrame& frame) = 0;
  virtual void finish() = 0;
};

}  // namespace dreamreel::media
