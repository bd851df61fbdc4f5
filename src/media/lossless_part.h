// Parts that hold frames without loss, 16 bits a channel: for codecs whose streams cannot be joined, and for
// several outputs of the same frames. The frames that come out are the numbers that went in.
#pragma once

#include <filesystem>
#include <optional>

#include "dreamreel/media/writer.h"
#include "libav.h"
#include "part_file.h"

namespace dreamreel::media {

/// The options of the encoder of such parts, for an output with these options.
WriterOptions lossless_options(const WriterOptions& output);

/// Reads the frames of one lossless part.
class LosslessFrames {
 public:
  /// `unit` is the time base of the frames (VideoInfo::time_base). Throws InputError, and DataError for a
  /// part that is not lossless or cannot be decoded.
  LosslessFrames(const std::filesystem::path& part, Rational unit);
  /// The next frame with its alpha, if the part has any, its time and its duration; nullopt at the end.
  /// Throws DataError for a damaged part.
  std::optional<VideoFrame> next();

 private:
  const AVFrame& decode();

  PartFileReader file_;
  AVRational unit_;
  CodecPtr codec_;
  PacketPtr packet_ = new_packet();
  FramePtr frame_ = new_frame();
};

}  // namespace dreamreel::media
