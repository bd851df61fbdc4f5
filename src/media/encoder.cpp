#include "encoder.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "encoder_choice.h"
#include "encoder_options.h"
#include "hdr_metadata.h"
#include "palette.h"

namespace dreamreel::media {
namespace {

// The options of an encoder if the job says nothing about quality. They are visually lossless, and cheap
// enough to leave the processor to the ascent.
struct QualityDefault {
  std::string_view codec;
  std::vector<std::pair<const char*, const char*>> options;
  std::pair<const char*, const char*> quick;  // replaces an option above if WriterOptions::quick is set
};

const std::vector<QualityDefault>& quality_defaults() {
  static const std::vector<QualityDefault> defaults{
      // The macroblock tree is off. At the end of a scene it reads memory that it never wrote, so the same
      // frames would not always give the same bits.
      {"libx264", {{"preset", "medium"}, {"crf", "16"}, {"mbtree", "0"}}, {"preset", "veryfast"}},
      {"libx264rgb", {{"preset", "medium"}, {"crf", "16"}, {"mbtree", "0"}}, {"preset", "veryfast"}},
      {"libx265",
       {{"preset", "fast"}, {"crf", "18"}, {"x265-params", "log-level=error"}},
       {"preset", "ultrafast"}},
      {"libvpx",
       {{"crf", "8"}, {"b", "20M"}, {"deadline", "good"}, {"cpu-used", "3"}},
       {"deadline", "realtime"}},
      {"libvpx-vp9",
       {{"crf", "20"}, {"b", "0"}, {"row-mt", "1"}, {"deadline", "good"}, {"cpu-used", "4"}},
       {"deadline", "realtime"}},
      {"libaom-av1", {{"crf", "20"}, {"b", "0"}, {"row-mt", "1"}, {"cpu-used", "6"}}, {"cpu-used", "8"}},
      {"exr", {{"format", "half"}, {"compression", "zip16"}}, {"compression", "zip1"}},
      {"libsvtav1", {{"crf", "24"}, {"preset", "8"}}, {"preset", "12"}},
  };
  return defaults;
}

// A fixed number, not the number of processors. The output of some encoders depends on their threads, and
// parts from different machines must fit together and have the same bits. Four threads keep up with any
// ascent.
constexpr int kEncoderThreads = 4;

constexpr std::array<std::string_view, 5> kQualityOptions{"crf", "b", "qp", "global_quality", "q"};
// Encoders without a quality scale of their own take MPEG's quantiser. 2 is the best value that all of them
// take.
constexpr int kFixedQuantiser = 2;

bool user_sets_quality(const std::map<std::string, std::string>& options) {
  return std::ranges::any_of(kQualityOptions, [&](auto name) { return options.contains(std::string(name)); });
}

bool is_quality_option(std::string_view name) {
  return std::ranges::find(kQualityOptions, name) != kQualityOptions.end();
}

void set_default_quality(AVCodecContext& codec, const std::map<std::string, std::string>& options,
                         bool quick) {
  const bool chosen = user_sets_quality(options);
  for (const auto& [name, values, quicker] : quality_defaults()) {
    if (name != codec.codec->name) continue;
    for (const auto& [key, value] : values)
      if (!(chosen && is_quality_option(key))) av_opt_set(&codec, key, value, AV_OPT_SEARCH_CHILDREN);
    if (quick) av_opt_set(&codec, quicker.first, quicker.second, AV_OPT_SEARCH_CHILDREN);
    return;
  }
  if (!chosen) set_quantiser(codec, kFixedQuantiser);
}

std::string size_text(int width, int height) {
  return fmt::format("{}x{}", width, height);
}

}  // namespace

VideoEncoder::VideoEncoder(const WriterOptions& options, const VideoInfo& source,
                           const AVOutputFormat& container, bool pictures)
    : source_time_base_(to_av(source.time_base)),
      rounding_(source.bit_depth > 8 ? Rounding::ordered : Rounding::nearest) {
  const AVCodec& codec = choose_encoder(options, container);
  const auto formats = choose_pixel_formats(options, source, codec, pictures);
  const bool global_header = (container.flags & AVFMT_GLOBALHEADER) != 0;
  time_base_ = choose_time_base(source, codec, container);
  for (const AVPixelFormat format : formats) {
    try {
      open(options, source, codec, format, pictures, global_header);
      if (format != formats.front())
        log_warning_once(fmt::format("{} cannot encode {} as {}; {} is written, to keep the size", codec.name,
                                     size_text(source.width, source.height),
                                     av_get_pix_fmt_name(formats.front()), av_get_pix_fmt_name(format)));
      break;
    } catch (const JobError&) {
      if (format == formats.back()) throw;
    }
  }
  prepare_frame(source.keeps_alpha());
}

void VideoEncoder::open(const WriterOptions& options, const VideoInfo& source, const AVCodec& codec,
                        AVPixelFormat format, bool pictures, bool global_header) {
  codec_.reset(avcodec_alloc_context3(&codec));
  if (!codec_) throw std::bad_alloc();
  colours_ = choose_colours(source, codec, format);
  codec_->width = source.width;
  codec_->height = source.height;
  codec_->pix_fmt = format;
  codec_->sample_aspect_ratio = {1, 1};
  codec_->time_base = nearest_codec_time_base(time_base_, codec);
  if (!source.variable_rate && frame_rates_of(codec).empty()) codec_->framerate = to_av(source.frame_rate);
  if (!frame_rates_of(codec).empty()) codec_->framerate = av_inv_q(codec_->time_base);
  codec_->colorspace = static_cast<AVColorSpace>(colours_.matrix);
  codec_->color_primaries = static_cast<AVColorPrimaries>(colours_.primaries);
  codec_->color_trc = static_cast<AVColorTransferCharacteristic>(colours_.transfer);
  codec_->color_range = colours_.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  codec_->chroma_sample_location = colours_.full_range && pictures ? AVCHROMA_LOC_CENTER : AVCHROMA_LOC_LEFT;
  codec_->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  codec_->thread_count =
      pictures ? 1 : kEncoderThreads;  // 1 thread: each picture is on disk as soon as it is rendered
  if (global_header) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  set_default_quality(*codec_, options.options, options.quick);
  // libvpx refuses alpha beside VP8's hidden frames, which would have none.
  if (codec.id == AV_CODEC_ID_VP8 && has_alpha(format))
    av_opt_set(codec_.get(), "auto-alt-ref", "0", AV_OPT_SEARCH_CHILDREN);
  for (const auto& [name, value] : options.options) set_video_option(*codec_, name, value);
  tell_encoder(*codec_, source.hdr);
  linear_ = linear_light_for(source, *codec_);
  const LibavErrors errors;
  if (const int error = avcodec_open2(codec_.get(), &codec, nullptr); error < 0)
    throw JobError(
        errors.describe(fmt::format("cannot open the encoder {} for {} {}", codec.name,
                                    size_text(source.width, source.height), av_get_pix_fmt_name(format)),
                        error));
}

void VideoEncoder::prepare_frame(bool keeps_alpha) {
  const AVPixelFormat of_palette = keeps_alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
  frame_->format = codec_->pix_fmt == AV_PIX_FMT_PAL8 ? of_palette : codec_->pix_fmt;
  frame_->width = codec_->width;
  frame_->height = codec_->height;
  frame_->colorspace = codec_->colorspace;
  frame_->color_primaries = codec_->color_primaries;
  frame_->color_trc = codec_->color_trc;
  frame_->color_range = codec_->color_range;
  frame_->chroma_location = codec_->chroma_sample_location;
  frame_->sample_aspect_ratio = {1, 1};
  if (av_frame_get_buffer(frame_.get(), 0) < 0) throw std::bad_alloc();
}

void VideoEncoder::expect(const VideoFrame& frame, const at::Tensor& values, int channels) const {
  if (values.dim() != 3 || values.size(0) != channels || values.size(1) != codec_->height ||
      values.size(2) != codec_->width || values.scalar_type() != at::kFloat)
    throw RenderError(fmt::format("frame {} is not a float32 tensor of {}x{}x{}", frame.index, channels,
                                  codec_->height, codec_->width));
}

void VideoEncoder::fill(const VideoFrame& frame) {
  expect(frame, frame.rgb, 3);
  if (frame.alpha.defined()) expect(frame, frame.alpha, 1);
  if (av_frame_make_writable(frame_.get()) < 0) throw std::bad_alloc();
  if (is_linear_format(static_cast<AVPixelFormat>(frame_->format)))
    linear_frame_from_tensor(frame.rgb, frame.alpha, linear_, *frame_);
  else
    frame_from_tensor(frame.rgb, rounding_, *frame_, frame.alpha);
}

void VideoEncoder::send(const VideoFrame& frame) {
  fill(frame);
  frame_->pts = av_rescale_q(frame.pts, source_time_base_, time_base_);
  if (last_source_pts_ != AV_NOPTS_VALUE && frame.pts <= last_source_pts_)
    throw RenderError(
        fmt::format("frame {} does not come after the one before it (pts {})", frame.index, frame.pts));
  if (last_pts_ != AV_NOPTS_VALUE) frame_->pts = std::max(frame_->pts, last_pts_ + 1);
  last_pts_ = frame_->pts;
  last_source_pts_ = frame.pts;
  ++frames_sent_;
  durations_[frame_->pts] =
      std::max<std::int64_t>(1, av_rescale_q(frame.duration, source_time_base_, time_base_));
  set_frame_duration(*frame_, durations_[frame_->pts]);
  const FramePtr reduced = codec_->pix_fmt == AV_PIX_FMT_PAL8 ? in_256_colours(*frame_) : nullptr;
  const LibavErrors errors;
  if (const int error = avcodec_send_frame(codec_.get(), reduced ? reduced.get() : frame_.get()); error < 0)
    throw RenderError(errors.describe(fmt::format("the encoder {} failed", codec_->codec->name), error));
}

void VideoEncoder::flush() {
  // x265 learns from its third frame how far decoding runs ahead of showing. Of shorter films it says what
  // stood in its memory. They have no frame that is decoded before it is shown.
  constexpr int kFramesThatTell = 3;
  decodes_as_shown_ = frames_sent_ < kFramesThatTell && std::string_view(codec_->codec->name) == "libx265";
  const int error = avcodec_send_frame(codec_.get(), nullptr);
  if (error < 0 && error != AVERROR_EOF)
    throw RenderError(fmt::format("the encoder {} failed: {}", codec_->codec->name, libav_text(error)));
}

bool VideoEncoder::receive(AVPacket& packet) {
  const LibavErrors errors;
  const int error = avcodec_receive_packet(codec_.get(), &packet);
  if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return false;
  if (error < 0)
    throw RenderError(errors.describe(fmt::format("the encoder {} failed", codec_->codec->name), error));
  if (const auto duration = durations_.extract(packet.pts)) packet.duration = duration.mapped();
  if (decodes_as_shown_) packet.dts = packet.pts;
  return true;
}

}  // namespace dreamreel::media
