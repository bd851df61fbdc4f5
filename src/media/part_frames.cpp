#include "dreamreel/media/part_frames.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "bounds.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "filter_chain.h"
#include "part_file.h"
#include "pixels.h"

namespace dreamreel::media {
namespace {

// PartHeading::settings in pieces: "libx264 640x360 yuv420p".
struct Settings {
  std::string encoder, format;
  int width = 0, height = 0;
};

Settings settings_of(const PartHeading& heading) {
  std::array<char, 64> encoder{}, format{};
  Settings settings;
  const int found = std::sscanf(heading.settings.c_str(), "%63s %dx%d %63s", encoder.data(), &settings.width,
                                &settings.height, format.data());
  const bool is_sound = found == 4 && settings.width > 0 && settings.height > 0 &&
                        std::int64_t{settings.width} * settings.height <= kMostStoredPixels;
  if (!is_sound) throw DataError("a part names no encoder and size: " + printable(heading.settings));
  settings.encoder = encoder.data();
  settings.format = format.data();
  return settings;
}

CodecPtr decoder_of(const PartHeading& heading) {
  const Settings settings = settings_of(heading);
  const AVCodec* const encoder = avcodec_find_encoder_by_name(settings.encoder.c_str());
  const AVCodec* const decoder = encoder == nullptr ? nullptr : avcodec_find_decoder(encoder->id);
  if (decoder == nullptr)
    throw DataError(
        fmt::format("this FFmpeg decodes nothing that {} has encoded", printable(settings.encoder)));
  CodecPtr codec = part_decoder(heading, *decoder);
  codec->width = settings.width;
  codec->height = settings.height;
  codec->pix_fmt = av_get_pix_fmt(settings.format.c_str());
  const LibavErrors errors;
  if (const int error = avcodec_open2(codec.get(), decoder, nullptr); error < 0)
    throw DataError(errors.describe("cannot decode a part", error));
  return codec;
}

FilterInput filter_input_for_part(const AVFrame& frame, AVRational time_base, int longest_side) {
  FilterInput in;
  in.width = frame.width;
  in.height = frame.height;
  in.format = static_cast<AVPixelFormat>(frame.format);
  in.time_base = time_base;
  in.matrix = frame.colorspace;
  in.range = frame.color_range;
  in.longest_side = longest_side;
  return in;
}

}  // namespace

struct PartFrames::Impl {
  Impl(const std::filesystem::path& part, int most) : file(part), longest_side(most) {
    if (file.heading().kind == PartHeading::Kind::pictures)
      throw DataError(part.string() + " lists pictures, and holds no frames itself");
    codec = decoder_of(file.heading());
  }

  // Null at the end. Valid until the next call.
  AVFrame* decode() {
    const LibavErrors errors;
    for (;;) {
      av_frame_unref(frame.get());
      const int error = avcodec_receive_frame(codec.get(), frame.get());
      if (error == 0) return frame.get();
      if (error == AVERROR_EOF) return nullptr;
      if (error != AVERROR(EAGAIN)) throw DataError(errors.describe("cannot decode a part", error));
      feed(errors);
    }
  }

  void feed(const LibavErrors& errors) {
    const bool goes_on = !is_draining && file.next(*packet);
    const int error = avcodec_send_packet(codec.get(), goes_on ? packet.get() : nullptr);
    is_draining = !goes_on;
    av_packet_unref(packet.get());
    if (error < 0 && error != AVERROR_EOF) throw DataError(errors.describe("cannot decode a part", error));
  }

  PartFileReader file;
  const int longest_side;
  CodecPtr codec;
  std::optional<FilterChain> chain;
  PacketPtr packet = new_packet();
  FramePtr frame = new_frame();
  bool is_draining = false;
};

PartFrames::PartFrames(const std::filesystem::path& part, int longest_side)
    : impl_(std::make_unique<Impl>(part, longest_side)) {}
PartFrames::~PartFrames() = default;
PartFrames::PartFrames(PartFrames&&) noexcept = default;
PartFrames& PartFrames::operator=(PartFrames&&) noexcept = default;

std::optional<at::Tensor> PartFrames::next() {
  AVFrame* const frame = impl_->decode();
  if (frame == nullptr) return {};
  const PartHeading& heading = impl_->file.heading();
  if (frame->colorspace == AVCOL_SPC_UNSPECIFIED) frame->colorspace = heading.matrix;
  if (frame->color_range == AVCOL_RANGE_UNSPECIFIED) frame->color_range = heading.range;
  auto& chain = impl_->chain;
  if (!chain || !chain->takes(*frame))
    chain.emplace(filter_input_for_part(*frame, heading.time_base, impl_->longest_side));
  chain->push(frame);
  const FramePtr small = new_frame();
  if (!chain->pull(*small)) throw DataError("a frame of a part cannot be converted");
  return tensor_from_frame(*small);
}

bool PartFrames::skip() {
  return impl_->decode() != nullptr;
}

}  // namespace dreamreel::media
