// Encodes tensors into the packets of one video stream. Knows nothing of files.
#pragma once

#include <map>

#include "dreamreel/media/writer.h"
#include "libav.h"
#include "linear_light.h"
#include "pixels.h"

namespace dreamreel::media {

class VideoEncoder {
 public:
  /// Opens the encoder that the options and the source ask for. JobError for anything that is refused.
  VideoEncoder(const WriterOptions& options, const VideoInfo& source, const AVOutputFormat& container,
               bool pictures);

  /// Takes a frame. RenderError if its size differs from the source's, or its time does not rise. A time that
  /// rises by less than time_base() is raised by time_base().
  void send(const VideoFrame& frame);
  /// Call when no more frames come.
  void flush();
  /// The next packet, its times in time_base(), its duration set; false if more frames are needed or, after
  /// flush(), at the end.
  bool receive(AVPacket& packet);

  const AVCodecContext& context() const { return *codec_; }
  AVRational time_base() const { return time_base_; }

 private:
  void open(const WriterOptions& options, const VideoInfo& source, const AVCodec& codec, AVPixelFormat format,
            bool pictures, bool global_header);
  void set_options(const std::map<std::string, std::string>& options);
  void prepare_frame(bool keeps_alpha);
  void expect(const VideoFrame& frame, const at::Tensor& values, int channels) const;
  void fill(const VideoFrame& frame);

  CodecPtr codec_;
  FramePtr frame_ = new_frame();
  AVRational source_time_base_{1, 1};
  Rounding rounding_;
  LinearLight linear_;  ///< how floats are written
  AVRational time_base_{1, 1};
  ColourTags colours_;
  std::int64_t last_pts_ = AV_NOPTS_VALUE, last_source_pts_ = AV_NOPTS_VALUE;
  std::int64_t frames_sent_ = 0;
  bool decodes_as_shown_ = false;                   ///< each packet is decoded when its frame is shown
  std::map<std::int64_t, std::int64_t> durations_;  ///< durations of the frames inside the encoder, by pts
};

}  // namespace dreamreel::media
