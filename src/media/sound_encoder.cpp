#include "sound_encoder.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <new>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "input.h"

namespace dreamreel::media {
namespace {

constexpr std::int64_t kBitsPerChannel =
    96000;  // bits a second for each channel: transparent for AAC, and more than enough for Opus and Vorbis

std::string layout_text(const AVChannelLayout& layout) {
  std::array<char, 128> buffer{};
  av_channel_layout_describe(&layout, buffer.data(), buffer.size());
  return buffer.data();
}

int nearest_rate(const AVCodec& codec, int wanted) {
  const auto rates = sample_rates_of(codec);
  if (rates.empty() || std::ranges::find(rates, wanted) != rates.end()) return wanted;
  return *std::ranges::min_element(rates, {}, [&](int rate) { return std::abs(rate - wanted); });
}

bool same_sound(const AVFrame& a, const AVFrame& b) {
  const bool unnamed =
      a.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC || b.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC;
  const bool same_layout = unnamed ? a.ch_layout.nb_channels == b.ch_layout.nb_channels
                                   : av_channel_layout_compare(&a.ch_layout, &b.ch_layout) == 0;
  return a.format == b.format && a.sample_rate == b.sample_rate && same_layout;
}

}  // namespace

SoundEncoder::SoundEncoder(const AVStream& in, const std::string& name, const std::string& reason,
                           std::int64_t bits_per_second, AVFormatContext& output)
    : name_(name), decoder_(open_decoder(in, name)) {
  const AVCodec* codec = avcodec_find_encoder(output.oformat->audio_codec);
  if (codec == nullptr)
    throw JobError(
        fmt::format("the container {} takes neither the sound of {} ({}) nor one that this FFmpeg can "
                    "encode; set output.audio: none",
                    output.oformat->name, name, avcodec_get_name(in.codecpar->codec_id)));
  log_info(fmt::format("the sound of {} ({}) does not fit a {} file ({}); it is encoded as {}", name,
                       avcodec_get_name(in.codecpar->codec_id), output.oformat->name, reason,
                       avcodec_get_name(codec->id)));
  open(*codec, bits_per_second, output);
  open_graph(in);
  stream_ = avformat_new_stream(&output, nullptr);
  if (stream_ == nullptr) throw std::bad_alloc();
  avcodec_parameters_from_context(stream_->codecpar, encoder_.get());
  stream_->time_base = encoder_->time_base;
}

void SoundEncoder::open(const AVCodec& codec, std::int64_t bits_per_second, const AVFormatContext& output) {
  encoder_.reset(avcodec_alloc_context3(&codec));
  if (!encoder_) throw std::bad_alloc();
  const auto formats = sample_formats_of(codec);
  encoder_->sample_fmt = formats.empty() ? decoder_->sample_fmt : formats.front();
  encoder_->sample_rate = nearest_rate(codec, decoder_->sample_rate);
  const int channels = decoder_->ch_layout.nb_channels;
  av_channel_layout_default(&encoder_->ch_layout, channels);  // encoders know the usual layouts only
  encoder_->bit_rate = bits_per_second > 0 ? bits_per_second : kBitsPerChannel * channels;
  encoder_->time_base = {1, encoder_->sample_rate};
  encoder_->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  if ((output.oformat->flags & AVFMT_GLOBALHEADER) != 0) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  const LibavErrors errors;
  if (const int error = avcodec_open2(encoder_.get(), &codec, nullptr); error < 0)
    throw JobError(
        errors.describe(fmt::format("cannot open the sound encoder {} for {}", codec.name, name_), error));
}

void SoundEncoder::open_graph(const AVStream& in) {
  const LibavErrors errors;
  graph_.reset(avfilter_graph_alloc());
  if (!graph_) throw std::bad_alloc();
  AVChannelLayout layout{};
  if (decoder_->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
    av_channel_layout_default(&layout, decoder_->ch_layout.nb_channels);
  } else {
    av_channel_layout_copy(&layout, &decoder_->ch_layout);
  }
  beginning_->format = decoder_->sample_fmt;
  beginning_->sample_rate = decoder_->sample_rate;
  av_channel_layout_copy(&beginning_->ch_layout, &layout);
  const std::string source_arguments = fmt::format(
      "time_base={}/{}:sample_rate={}:sample_fmt={}:channel_layout={}", in.time_base.num, in.time_base.den,
      decoder_->sample_rate, av_get_sample_fmt_name(decoder_->sample_fmt), layout_text(layout));
  av_channel_layout_uninit(&layout);
  const std::string chain = fmt::format(
      "abuffer@in={},aresample={}:async=1:first_pts=0,aformat=sample_fmts={}:channel_layouts={},"
      "abuffersink@out",
      source_arguments, encoder_->sample_rate, av_get_sample_fmt_name(encoder_->sample_fmt),
      layout_text(encoder_->ch_layout));
  AVFilterInOut* inputs = nullptr;
  AVFilterInOut* outputs = nullptr;
  int error = avfilter_graph_parse2(graph_.get(), chain.c_str(), &inputs, &outputs);
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  if (error >= 0) error = avfilter_graph_config(graph_.get(), nullptr);
  if (error < 0)
    throw RenderError(errors.describe("cannot set up the conversion of the sound of " + name_, error));
  source_ = avfilter_graph_get_filter(graph_.get(), "abuffer@in");
  sink_ = avfilter_graph_get_filter(graph_.get(), "abuffersink@out");
  if (encoder_->frame_size > 0)
    av_buffersink_set_frame_size(sink_, static_cast<unsigned>(encoder_->frame_size));
}

// Holds one packet back. Only the last packet can reach past the end, and the end is not known before
// finish().
void SoundEncoder::take(const AVPacket& packet, const PacketSink& sink) {
  if (held_) decode(held_.get(), sink);
  held_.reset(av_packet_clone(&packet));
  if (!held_) throw std::bad_alloc();
}

void SoundEncoder::finish(std::optional<double> seconds, const PacketSink& sink) {
  end_seconds_ = seconds;
  if (held_) decode(held_.get(), sink);
  decode(nullptr, sink);
  if (conformer_) conform(nullptr, sink);
  if (av_buffersrc_add_frame(source_, nullptr) < 0)
    throw RenderError(fmt::format("the conversion of the sound of {} failed", name_));
  encode_ready(sink);
  encode(nullptr, sink);
}

void SoundEncoder::decode(const AVPacket* packet, const PacketSink& sink) {
  const LibavErrors quiet;
  if (avcodec_send_packet(decoder_.get(), packet) < 0) {
    log_debug(name_ + ": a damaged sound packet was skipped");
    return;
  }
  while (avcodec_receive_frame(decoder_.get(), frame_.get()) >= 0) {
    frame_->pts = frame_->best_effort_timestamp;
    if (end_seconds_) cut(*frame_);
    if (frame_->nb_samples == 0) continue;
    if (is_like_beginning(*frame_)) {
      if (conformer_) conform(nullptr, sink);
      conformer_.reset();
      convert(*frame_, sink);
    } else {
      conform(frame_.get(), sink);
    }
  }
}

// Passes a frame through the graph and encodes the result. `frame` is left empty.
void SoundEncoder::convert(AVFrame& frame, const PacketSink& sink) {
  const LibavErrors quiet;
  if (const int error = av_buffersrc_add_frame(source_, &frame); error < 0)
    throw RenderError(quiet.describe(fmt::format("the conversion of the sound of {} failed", name_), error));
  encode_ready(sink);
}

bool SoundEncoder::is_like_beginning(const AVFrame& frame) const {
  return same_sound(frame, *beginning_);
}

void SoundEncoder::open_conformer(const AVFrame& frame) {
  log_info(fmt::format("the sound of {} changes to {}, {} Hz; it goes on as {}, {} Hz", name_,
                       layout_text(frame.ch_layout), frame.sample_rate, layout_text(beginning_->ch_layout),
                       beginning_->sample_rate));
  changed_->format = frame.format;
  changed_->sample_rate = frame.sample_rate;
  av_channel_layout_copy(&changed_->ch_layout, &frame.ch_layout);
  AVChannelLayout named{};
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&named, frame.ch_layout.nb_channels);
  else
    av_channel_layout_copy(&named, &frame.ch_layout);
  SwrContext* raw = nullptr;
  const LibavErrors errors;
  int error = swr_alloc_set_opts2(
      &raw, &beginning_->ch_layout, static_cast<AVSampleFormat>(beginning_->format), beginning_->sample_rate,
      &named, static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
  conformer_.reset(raw);
  av_channel_layout_uninit(&named);
  if (error >= 0) error = swr_init(conformer_.get());
  if (error < 0)
    throw RenderError(errors.describe(fmt::format("the sound of {} cannot be converted", name_), error));
}

// Converts a frame to the format of the beginning, and passes it on. nullptr flushes the conformer's
// remaining samples.
void SoundEncoder::conform(const AVFrame* frame, const PacketSink& sink) {
  if (frame != nullptr && (!conformer_ || !same_sound(*frame, *changed_))) {
    if (conformer_) conform(nullptr, sink);
    open_conformer(*frame);
  }
  const std::int64_t held = swr_get_delay(conformer_.get(), beginning_->sample_rate);
  const int capacity = swr_get_out_samples(conformer_.get(), frame != nullptr ? frame->nb_samples : 0);
  if (capacity <= 0) return;
  const FramePtr out = new_frame();
  out->format = beginning_->format;
  out->sample_rate = beginning_->sample_rate;
  av_channel_layout_copy(&out->ch_layout, &beginning_->ch_layout);
  out->nb_samples = capacity;
  if (av_frame_get_buffer(out.get(), 0) < 0) throw std::bad_alloc();
  const int count = swr_convert(conformer_.get(), out->extended_data, capacity,
                                frame != nullptr ? const_cast<const std::uint8_t**>(frame->extended_data)
                                                 : nullptr,  // libav's signature
                                frame != nullptr ? frame->nb_samples : 0);
  if (count <= 0) return;
  out->nb_samples = count;
  // The conformer delays samples, so the first sample that comes out belongs before this frame.
  const AVRational sample{1, beginning_->sample_rate}, unit = decoder_->pkt_timebase;
  if (frame == nullptr)
    out->pts = conformed_until_;
  else if (frame->pts != AV_NOPTS_VALUE)
    out->pts = frame->pts - av_rescale_q(held, sample, unit);
  conformed_until_ =
      out->pts != AV_NOPTS_VALUE ? out->pts + av_rescale_q(count, sample, unit) : AV_NOPTS_VALUE;
  convert(*out, sink);
}

// Cuts off the samples after the end.
void SoundEncoder::cut(AVFrame& frame) const {
  if (frame.pts == AV_NOPTS_VALUE) return;
  const double left = *end_seconds_ - static_cast<double>(frame.pts) * av_q2d(decoder_->pkt_timebase);
  frame.nb_samples =
      static_cast<int>(std::clamp<double>(std::ceil(left * frame.sample_rate), 0, frame.nb_samples));
}

// Converted samples go into converted_, because frame_ may hold a decoded frame that is still needed.
void SoundEncoder::encode_ready(const PacketSink& sink) {
  while (av_buffersink_get_frame(sink_, converted_.get()) >= 0) {
    if (converted_->pts != AV_NOPTS_VALUE)  // which av_rescale_q() would make a time like any other
      converted_->pts =
          av_rescale_q(converted_->pts, av_buffersink_get_time_base(sink_), encoder_->time_base);
    encode(converted_.get(), sink);
    av_frame_unref(converted_.get());
  }
}

void SoundEncoder::encode(const AVFrame* frame, const PacketSink& sink) {
  const LibavErrors errors;
  if (const int error = avcodec_send_frame(encoder_.get(), frame); error < 0)
    throw RenderError(errors.describe(fmt::format("encoding the sound of {} failed", name_), error));
  while (avcodec_receive_packet(encoder_.get(), packet_.get()) >= 0) {
    packet_->stream_index = stream_->index;
    av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
    sink(*packet_);
  }
}

}  // namespace dreamreel::media
