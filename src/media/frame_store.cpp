#include "dreamreel/media/frame_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <span>

#include "bounds.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "libav.h"
#include "picture_text.h"

namespace dreamreel::media {
namespace {

constexpr std::size_t kRgbChannels = 3;
constexpr std::size_t kStart = 4096;  // bytes; holds the header and the whole text chunk behind it
constexpr std::size_t kMostFileBytes = std::size_t{2000} << 20;  // 6 bytes a pixel, and the rest of the file

std::string seal(const StoredFrame& frame, const std::string& label) {
  Sha256 hash;
  hash.update(
      {reinterpret_cast<const std::uint8_t*>(frame.rgb.data()), frame.rgb.size() * sizeof(std::uint16_t)});
  hash.update({reinterpret_cast<const std::uint8_t*>(frame.note.data()), frame.note.size()});
  return fmt::format("{}\n{}\n{}", label, hash.hex(), frame.note);
}

std::size_t values_in_row(const StoredFrame& frame) {
  return kRgbChannels * static_cast<std::size_t>(frame.width);
}

// PNG's samples are big-endian.
static_assert(std::endian::native == std::endian::little);
std::uint16_t swapped(std::uint16_t sample) {
  return static_cast<std::uint16_t>(sample << 8 | sample >> 8);
}

void put_rows(const StoredFrame& frame, AVFrame& picture) {
  const std::size_t count = values_in_row(frame);
  for (int y = 0; y < frame.height; ++y) {
    const std::uint16_t* in = frame.rgb.data() + static_cast<std::size_t>(y) * count;
    auto* out = reinterpret_cast<std::uint16_t*>(picture.data[0] +
                                                 static_cast<std::ptrdiff_t>(y) * picture.linesize[0]);
    std::transform(in, in + count, out, swapped);
  }
}

StoredFrame frame_of(const AVFrame& picture) {
  StoredFrame frame{picture.width, picture.height, {}, {}};
  const std::size_t count = values_in_row(frame);
  frame.rgb.resize(count * static_cast<std::size_t>(frame.height));
  for (int y = 0; y < frame.height; ++y) {
    const auto* in = reinterpret_cast<const std::uint16_t*>(picture.data[0] + static_cast<std::ptrdiff_t>(y) *
                                                                                  picture.linesize[0]);
    std::transform(in, in + count, frame.rgb.data() + static_cast<std::size_t>(y) * count, swapped);
  }
  return frame;
}

PacketPtr encode(const StoredFrame& frame) {
  const AVCodec* png = avcodec_find_encoder(AV_CODEC_ID_PNG);
  if (png == nullptr)
    throw RenderError("this FFmpeg cannot write PNG, which unfinished frames are stored as");
  const CodecPtr codec(avcodec_alloc_context3(png));
  const FramePtr picture = new_frame();
  if (!codec) throw std::bad_alloc();
  codec->width = picture->width = frame.width;
  codec->height = picture->height = frame.height;
  codec->pix_fmt = AV_PIX_FMT_RGB48BE;
  picture->format = AV_PIX_FMT_RGB48BE;
  codec->time_base = {1, 1};
  codec->compression_level = 0;
  codec->thread_count = 1;
  const LibavErrors errors;
  if (av_frame_get_buffer(picture.get(), 0) < 0) throw std::bad_alloc();
  put_rows(frame, *picture);
  PacketPtr packet = new_packet();
  int error = avcodec_open2(codec.get(), png, nullptr);
  if (error >= 0) error = avcodec_send_frame(codec.get(), picture.get());
  if (error >= 0) error = avcodec_send_frame(codec.get(), nullptr);
  if (error >= 0) error = avcodec_receive_packet(codec.get(), packet.get());
  if (error < 0) throw RenderError(errors.describe("cannot encode a frame as PNG", error));
  return packet;
}

std::optional<StoredFrame> decode(std::span<const std::uint8_t> bytes) {
  const AVCodec* png = avcodec_find_decoder(AV_CODEC_ID_PNG);
  const CodecPtr codec(png != nullptr ? avcodec_alloc_context3(png) : nullptr);
  const PacketPtr packet = new_packet();
  const FramePtr picture = new_frame();
  if (!codec || av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) throw std::bad_alloc();
  std::memcpy(packet->data, bytes.data(), bytes.size());
  codec->thread_count = 1;
  codec->max_pixels = kMostStoredPixels;
  const LibavErrors quiet;
  if (avcodec_open2(codec.get(), png, nullptr) < 0 || avcodec_send_packet(codec.get(), packet.get()) < 0 ||
      avcodec_receive_frame(codec.get(), picture.get()) < 0 || picture->format != AV_PIX_FMT_RGB48BE)
    return {};
  return frame_of(*picture);
}

}  // namespace

void store_frame(const std::filesystem::path& path, const StoredFrame& frame, const std::string& label) {
  const PacketPtr packet = encode(frame);
  const auto picture = with_job({packet->data, static_cast<std::size_t>(packet->size)}, seal(frame, label));
  write_file_unsynced(path, {reinterpret_cast<const char*>(picture.data()), picture.size()});
}

bool is_stored_frame(const std::filesystem::path& path, std::string_view label_start) {
  const auto start = read_beginning(path, kStart).text;
  if (!start) return false;
  if (std::ranges::all_of(*start, [](char c) { return c == 0; })) return true;
  return nearly_has_job({reinterpret_cast<const std::uint8_t*>(start->data()), start->size()}, label_start);
}

std::optional<StoredFrame> load_frame(const std::filesystem::path& path, const std::string& label) {
  const auto content = read_beginning(path, kMostFileBytes).text;
  if (!content) return {};
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(content->data()), content->size());
  const auto text = job_in_picture(bytes);
  if (!text || !text->starts_with(label + "\n")) return {};
  const auto note = text->find('\n', label.size() + 1);
  auto frame = decode(bytes);
  if (!frame || note == std::string::npos) return {};
  frame->note = text->substr(note + 1);
  if (seal(*frame, label) != *text) return {};
  return frame;
}

}  // namespace dreamreel::media
