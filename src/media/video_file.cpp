#include "video_file.h"

#include <string>

#include "animation.h"
#include "dreamreel/core/error.h"
#include "encoder.h"
#include "encoder_choice.h"
#include "muxer.h"

namespace dreamreel::media {
namespace {

// Encodes and muxes as the frames come.
class VideoFile : public Output {
 public:
  VideoFile(const WriterOptions& options, const VideoInfo& source, const std::atomic<bool>* stop)
      : container_(container_for(options.path)),
        encoder_(options, source, container_, false),
        muxer_(options, source, encoder_, container_, nullptr, stop),
        pace_(container_, source),
        unit_seconds_(source.time_base.value()) {}

  void write(const VideoFrame& frame) override {
    ++frames_;
    end_seconds_ = static_cast<double>(frame.pts + frame.duration) * unit_seconds_;
    if (const auto next = pace_.add(frame)) encode(*next);
  }

  void finish() override {
    if (frames_ == 0) throw RenderError("nothing was rendered into " + muxer_.final_path().string());
    pace_.finish();
    while (const auto next = pace_.drain()) encode(*next);
    encoder_.flush();
    write_packets();
    muxer_.finish(end_seconds_);
  }

 private:
  void encode(const VideoFrame& frame) {
    encoder_.send(frame);
    write_packets();
    muxer_.write_sound_until(static_cast<double>(frame.pts) * unit_seconds_);
  }

  void write_packets() {
    while (encoder_.receive(*packet_)) muxer_.write_video(*packet_, encoder_.time_base());
  }

  const AVOutputFormat& container_;
  VideoEncoder encoder_;
  Muxer muxer_;
  AnimationPace pace_;
  PacketPtr packet_ = new_packet();
  double unit_seconds_;
  double end_seconds_ = 0;  // end of the last frame written
  std::int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<Output> open_video_file(const WriterOptions& options, const VideoInfo& source,
                                        const std::atomic<bool>* stop) {
  return std::make_unique<VideoFile>(options, source, stop);
}

}  // namespace dreamreel::media
