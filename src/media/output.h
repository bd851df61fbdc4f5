// The two kinds of output behind Writer.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>

#include "dreamreel/media/writer.h"

namespace dreamreel::media {

class Output {
 public:
  virtual ~Output() = default;
  virtual void write(const VideoFrame& frame) = 0;
  virtual void finish() = 0;
};

/// A container with video and sound. Once `stop` is set, writing throws Interrupted.
std::unique_ptr<Output> open_video_file(const WriterOptions& options, const VideoInfo& source,
                                        const std::atomic<bool>* stop = nullptr);

/// Gets each picture after it has its final name, with its bytes.
using PictureSink = std::function<void(const std::filesystem::path&, std::span<const std::uint8_t>)>;

/// The error for a path without a number, if several frames come.
std::string one_picture_only(const std::filesystem::path& path);

/// Opens an output of numbered pictures, or of one picture.
std::unique_ptr<Output> open_pictures(const WriterOptions& options, const VideoInfo& source,
                                      PictureSink sink = {});

}  // namespace dreamreel::media
