#include <algorithm>
#include <new>
#include <string>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "encoder.h"
#include "encoder_choice.h"
#include "output.h"
#include "sound.h"
#include "tags.h"

namespace dreamreel::media {
namespace {

class VideoFile : public Output {
 public:
  VideoFile(const WriterOptions& options, const VideoInfo& source);
  void write(const VideoFrame& frame) override;
  void finish() override;

 private:
  void add_video(const VideoInfo& source);
  void write_header();
  void write_packets();
  void mux(AVPacket& packet);
  void expect_written(int error, const LibavErrors& errors) const;

  const AVOutputFormat& container_;
  VideoEncoder encoder_;
  PendingFile pending_;  // outlives what writes into it
  IoPtr io_;
  OutputPtr context_;
  AVStream* video_ = nullptr;  // owned by context_
  std::unique_ptr<SoundTracks> sound_;
  PacketPtr packet_ = new_packet();
  double unit_seconds_;
  double end_seconds_ = 0;  // of the last frame written
  std::int64_t frames_ = 0;
};

VideoFile::VideoFile(const WriterOptions& options, const VideoInfo& source)
    : container_(container_for(options.path)),
      encoder_(options, source, container_, false),
      pending_(options.path),
      unit_seconds_(source.time_base.value()) {
  AVFormatContext* raw = nullptr;
  if (avformat_alloc_output_context2(&raw, &container_, nullptr, pending_.path().c_str()) < 0)
    throw std::bad_alloc();
  context_.reset(raw);
  context_->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  add_video(source);
  if (options.metadata_from)
    copy_metadata(*options.metadata_from, options.metadata_start_seconds, source.duration_seconds, *context_,
                  *video_);
  embed_job(options.job_yaml, *context_);
  if (options.sound_from)
    sound_ = std::make_unique<SoundTracks>(*options.sound_from, options.sound_start_seconds, *context_);
  write_header();
}

void VideoFile::add_video(const VideoInfo& source) {
  video_ = avformat_new_stream(context_.get(), nullptr);
  if (video_ == nullptr) throw std::bad_alloc();
  if (avcodec_parameters_from_context(video_->codecpar, &encoder_.context()) < 0) throw std::bad_alloc();
  video_->time_base = encoder_.time_base();
  video_->avg_frame_rate = to_av(source.frame_rate);
  video_->sample_aspect_ratio = {1, 1};
}

void VideoFile::write_header() {
  const LibavErrors errors;
  AVIOContext* io = nullptr;
  if (const int error = avio_open(&io, file_url(pending_.path()).c_str(), AVIO_FLAG_WRITE); error < 0)
    throw IoError(errors.describe("cannot write " + pending_.final_path().string(), error));
  io_.reset(io);
  context_->pb = io;
  // Times before 0 are an encoder's run-up. The containers that can say so do; shifting every track to make
  // room for them, as libav would, would change the video's times.
  if (is_matroska(container_)) context_->avoid_negative_ts = 0;
  Dictionary options;
  options.set("movflags", "+faststart");
  // Edit lists, which place tracks against each other, are written in this unit.
  options.set("movie_timescale", std::to_string(std::max(1000, encoder_.time_base().den)));
  if (const int error = avformat_write_header(context_.get(), options.get()); error < 0) {
    if (io_->error < 0) expect_written(io_->error, errors);
    throw JobError(errors.describe(std::string("the container ") + container_.name +
                                       " refuses the tracks of " + pending_.final_path().string(),
                                   error));
  }
}

void VideoFile::expect_written(int error, const LibavErrors& errors) const {
  if (error < 0) throw IoError(errors.describe("cannot write " + pending_.final_path().string(), error));
}

void VideoFile::mux(AVPacket& packet) {
  const AVStream& stream = *context_->streams[packet.stream_index];
  if (is_matroska(container_) && stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
    const std::int64_t shift = matroska_time_shift(stream);
    packet.pts += shift;
    packet.dts += shift;
  }
  const LibavErrors errors;
  expect_written(av_interleaved_write_frame(context_.get(), &packet), errors);
  expect_written(io_->error, errors);
}

void VideoFile::write_packets() {
  while (encoder_.receive(*packet_)) {
    packet_->stream_index = video_->index;
    av_packet_rescale_ts(packet_.get(), encoder_.time_base(), video_->time_base);
    mux(*packet_);
  }
}

void VideoFile::write(const VideoFrame& frame) {
  encoder_.send(frame);
  ++frames_;
  end_seconds_ = static_cast<double>(frame.pts + frame.duration) * unit_seconds_;
  write_packets();
  if (sound_)
    sound_->copy_until(static_cast<double>(frame.pts) * unit_seconds_,
                       [this](AVPacket& packet) { mux(packet); });
}

void VideoFile::finish() {
  if (frames_ == 0) throw RenderError("nothing was rendered into " + pending_.final_path().string());
  encoder_.flush();
  write_packets();
  if (sound_) sound_->finish(end_seconds_, [this](AVPacket& packet) { mux(packet); });
  {
    const LibavErrors errors;
    expect_written(av_interleaved_write_frame(context_.get(), nullptr), errors);
    expect_written(av_write_trailer(context_.get()), errors);
    avio_flush(io_.get());
    expect_written(io_->error, errors);
    AVIOContext* io = io_.release();
    context_->pb = nullptr;
    expect_written(avio_closep(&io), errors);
  }
  pending_.commit();
}

}  // namespace

std::unique_ptr<Output> open_video_file(const WriterOptions& options, const VideoInfo& source) {
  return std::make_unique<VideoFile>(options, source);
}

}  // namespace dreamreel::media
