#include "lossless_part.h"

#include <fmt/core.h>

#include <cstdio>

#include "bounds.h"
#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"
#include "pixels.h"

namespace dreamreel::media {
namespace {

const AVCodec* decoder() {
  return avcodec_find_decoder(AV_CODEC_ID_FFV1);
}

CodecPtr open_part_decoder(const PartHeading& heading, const std::string& name) {
  if (heading.kind != PartHeading::Kind::lossless)
    throw DataError(
        fmt::format("the part {} holds what another kind of render encoded; render it again", name));
  CodecPtr codec = part_decoder(heading, *decoder());
  const int found = std::sscanf(heading.settings.c_str(), "%*s %dx%d", &codec->width, &codec->height);
  if (found != 2 || codec->width < 1 || codec->height < 1 ||
      std::int64_t{codec->width} * codec->height > kMostStoredPixels)
    throw DataError(fmt::format("the part {} does not say its size", name));
  const LibavErrors errors;
  if (const int error = avcodec_open2(codec.get(), decoder(), nullptr); error < 0)
    throw DataError(errors.describe("cannot decode the part " + name, error));
  return codec;
}

}  // namespace

WriterOptions lossless_options(const WriterOptions& output) {
  WriterOptions options;
  options.path = output.path;
  options.codec = "ffv1";
  options.pixel_format = "gbrp16le/gbrap16le";
  return options;
}

LosslessFrames::LosslessFrames(const std::filesystem::path& part, Rational unit)
    : file_(part), unit_(to_av(unit)), codec_(open_part_decoder(file_.heading(), part.string())) {}

const AVFrame& LosslessFrames::decode() {
  const LibavErrors errors;
  int error = avcodec_send_packet(codec_.get(), packet_.get());
  if (error >= 0) error = avcodec_receive_frame(codec_.get(), frame_.get());
  if (error < 0) throw DataError(errors.describe("cannot decode a part", error));
  return *frame_;
}

std::optional<VideoFrame> LosslessFrames::next() {
  if (!file_.next(*packet_)) return {};
  const AVFrame& decoded = decode();
  VideoFrame frame;
  // Reading multiplies by 1/65535, but stored numbers were divided by 65535: their last bit may differ.
  frame.rgb = image::quantise16(tensor_from_frame(decoded));
  if (has_alpha(static_cast<AVPixelFormat>(decoded.format)))
    frame.alpha = image::quantise16(alpha_from_frame(decoded));
  frame.pts = av_rescale_q(packet_->pts, file_.heading().time_base, unit_);
  frame.duration = av_rescale_q(packet_->duration, file_.heading().time_base, unit_);
  return frame;
}

}  // namespace dreamreel::media
