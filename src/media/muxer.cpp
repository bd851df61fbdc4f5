#include "muxer.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "animation.h"
#include "dreamreel/core/error.h"
#include "encoder_choice.h"
#include "hdr_metadata.h"
#include "tags.h"

namespace dreamreel::media {

Muxer::Muxer(const WriterOptions& options, const VideoInfo& source, const VideoEncoder& encoder,
             const AVOutputFormat& container, const std::vector<std::uint8_t>* extradata,
             const std::atomic<bool>* stop)
    : container_(container),
      stop_(stop),
      pending_(options.path),
      keeps_sound_(options.keeps_sound_after_last_frame) {
  AVFormatContext* raw = nullptr;
  if (avformat_alloc_output_context2(&raw, &container_, nullptr, pending_.path().c_str()) < 0)
    throw std::bad_alloc();
  context_.reset(raw);
  context_->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  add_video(source, encoder, extradata);
  if (options.metadata_from)
    copy_metadata(*options.metadata_from, options.metadata_start_seconds,
                  keeps_sound_ ? 0 : source.duration_seconds, *context_, *video_);
  embed_job(options.job_yaml, *context_);
  if (options.sound_from)
    sound_ = std::make_unique<SoundTracks>(*options.sound_from, options.sound_start_seconds,
                                           end_of_sound(source), options.sound_bitrate, *context_, stop_);
  write_header(encoder.time_base(), source.frame_rate.value());
  times_.assign(context_->nb_streams, RisingTimes((container_.flags & AVFMT_TS_NONSTRICT) != 0));
}

// Seconds up to which the sound can be needed: the length of the source, and some room because that length
// may be wrong.
std::optional<double> Muxer::end_of_sound(const VideoInfo& source) const {
  constexpr double kRoomSeconds = 60;
  if (keeps_sound_ || source.duration_seconds <= 0) return {};
  return source.duration_seconds + kRoomSeconds;
}

int Muxer::is_stopped(void* muxer) {
  const auto* stop = static_cast<const Muxer*>(muxer)->stop_;
  return stop != nullptr && stop->load() ? 1 : 0;
}

void Muxer::add_video(const VideoInfo& source, const VideoEncoder& encoder,
                      const std::vector<std::uint8_t>* extradata) {
  video_ = avformat_new_stream(context_.get(), nullptr);
  if (video_ == nullptr) throw std::bad_alloc();
  if (avcodec_parameters_from_context(video_->codecpar, &encoder.context()) < 0) throw std::bad_alloc();
  if (extradata != nullptr) {
    AVCodecParameters& parameters = *video_->codecpar;
    av_freep(&parameters.extradata);
    parameters.extradata_size = 0;
    if (!extradata->empty()) {
      parameters.extradata =
          static_cast<std::uint8_t*>(av_mallocz(extradata->size() + AV_INPUT_BUFFER_PADDING_SIZE));
      if (parameters.extradata == nullptr) throw std::bad_alloc();
      std::memcpy(parameters.extradata, extradata->data(), extradata->size());
      parameters.extradata_size = static_cast<int>(extradata->size());
    }
  }
  // Apple's players take H.265 under this name alone; the parameter sets are in the header, as it demands.
  if (video_->codecpar->codec_id == AV_CODEC_ID_HEVC && is_mov(container_))
    video_->codecpar->codec_tag = MKTAG('h', 'v', 'c', '1');
  video_->time_base = encoder.time_base();
  video_->avg_frame_rate = to_av(source.frame_rate);
  video_->sample_aspect_ratio = {1, 1};
  tell_container(*video_, source.hdr);
}

void Muxer::write_header(AVRational unit, double frame_rate) {
  const LibavErrors errors;
  AVIOContext* io = nullptr;
  const AVIOInterruptCB interrupt{&Muxer::is_stopped, this};
  if (const int error =
          avio_open2(&io, file_url(pending_.path()).c_str(), AVIO_FLAG_WRITE, &interrupt, nullptr);
      error < 0)
    throw IoError(errors.describe("cannot write " + pending_.final_path().string(), error));
  io_.reset(io);
  context_->pb = io;
  context_->interrupt_callback = interrupt;
  // Sound before time 0 is an encoder's run-up. libav would shift every track to make room for it, which
  // would change the times of the video. Containers that can store times before 0 do so instead.
  if (is_matroska(container_)) context_->avoid_negative_ts = 0;
  Dictionary options;
  options.set("movflags", "+faststart");
  // Edit lists, which place tracks against each other, are written in this unit.
  options.set("movie_timescale", std::to_string(std::max(1000, unit.den)));
  // Animations repeat for ever. GIF's muxer does that by default.
  const std::string name = container_.name;
  if (name == "webp") options.set("loop", "0");
  if (name == "apng") options.set("plays", "0");
  if (const int error = avformat_write_header(context_.get(), options.get()); error < 0) {
    if (io_->error < 0) expect_written(io_->error, errors);
    throw JobError(errors.describe(fmt::format("the container {} refuses the tracks of {}", container_.name,
                                               pending_.final_path().string()),
                                   error));
  }
  const double step = 1 / frame_rate, finest = av_q2d(video_->time_base);
  constexpr double kRounding = 1e-9;  // seconds
  if (step < finest - kRounding && !AnimationPace::leaves_out(container_))
    throw JobError(fmt::format(
        "a {} file counts time in steps of {:g} s, and the source's frames follow each other in {:g} s; "
        "choose another container such as .mov, or fewer frames with input.filter: fps={}",
        container_.name, finest, step, static_cast<int>(1 / finest)));
}

void Muxer::expect_written(int error, const LibavErrors& errors) const {
  if (stop_ != nullptr && stop_->load()) throw Interrupted("interrupted while writing the file");
  if (error < 0) throw IoError(errors.describe("cannot write " + pending_.final_path().string(), error));
}

void Muxer::mux(AVPacket& packet) {
  const AVStream& stream = *context_->streams[packet.stream_index];
  if (is_matroska(container_) && stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
    const std::int64_t shift = matroska_time_shift(stream);
    if (packet.pts != AV_NOPTS_VALUE) packet.pts += shift;
    if (packet.dts != AV_NOPTS_VALUE) packet.dts += shift;
  }
  times_[static_cast<std::size_t>(packet.stream_index)].put_right(packet);
  const LibavErrors errors;
  expect_written(av_interleaved_write_frame(context_.get(), &packet), errors);
  expect_written(io_->error, errors);
}

void Muxer::write_video(AVPacket& packet, AVRational unit) {
  packet.stream_index = video_->index;
  av_packet_rescale_ts(&packet, unit, video_->time_base);
  last_video_pts_ = packet.pts;
  mux(packet);
}

void Muxer::write_sound_until(double seconds) {
  if (sound_) sound_->copy_until(seconds, [this](AVPacket& packet) { mux(packet); });
}

// Without this delay, GIF's muxer would show the last frame as long as the frame before it.
void Muxer::set_last_delay(double end_seconds) {
  if (std::string_view(container_.name) != "gif") return;
  const auto end = std::llround(end_seconds / av_q2d(video_->time_base));
  constexpr std::int64_t kShortest = 2, kLongest = 65535;
  const auto delay = std::clamp<std::int64_t>(end - last_video_pts_, kShortest, kLongest);
  av_opt_set_int(context_->priv_data, "final_delay", delay, 0);
}

void Muxer::finish(double end_seconds) {
  const auto end = keeps_sound_ ? std::nullopt : std::optional(end_seconds);
  if (sound_) sound_->finish(end, [this](AVPacket& packet) { mux(packet); });
  {
    const LibavErrors errors;
    set_last_delay(end_seconds);
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

}  // namespace dreamreel::media
