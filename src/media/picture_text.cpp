#include "picture_text.h"

#include <algorithm>
#include <string_view>

#include "exr_header.h"
#include "file_bytes.h"
#include "nearly.h"

extern "C" {
#include <libavutil/crc.h>
}

namespace dreamreel::media {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::string_view kKeyword = "dreamreel_job";
constexpr std::size_t kChunkFrame = 12;  // length, type and checksum around a PNG chunk's content
constexpr std::string_view kJpegMark = "dreamreel job:";
constexpr std::size_t kLongestSegment = 65535 - 2;

// Whether the picture is a JPEG or a JPEG-LS. Both have segments of comments.
bool has_jpeg_segments(Bytes picture) {
  return picture.size() > 4 && has_text(picture, 0, kJpeg);
}

std::size_t behind_png_header(Bytes picture) {
  return kPng.size() + kChunkFrame + number_at(picture, kPng.size(), 4);
}

// Whether the picture is a PNG with a whole header.
bool is_png(Bytes picture) {
  return picture.size() > kPng.size() + kChunkFrame && has_text(picture, 0, kPng) &&
         behind_png_header(picture) <= picture.size();
}

void append_big_endian(Buffer& bytes, std::uint32_t value, int count) {
  for (int i = count - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_text(Buffer& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

std::string text_of(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

// `content` begins with the chunk's type.
Buffer png_chunk(const Buffer& content) {
  Buffer chunk;
  append_big_endian(chunk, static_cast<std::uint32_t>(content.size() - 4), 4);
  chunk.insert(chunk.end(), content.begin(), content.end());
  const std::uint32_t crc = ~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), ~0U, content.data(), content.size());
  append_big_endian(chunk, crc, 4);
  return chunk;
}

// A whole text chunk. "tEXt" is shown by every viewer, but holds only Latin-1. Other text goes into "iTXt" as
// UTF-8.
Buffer png_text_chunk(const std::string& text) {
  Buffer content;
  append_text(content, is_ascii(text) ? "tEXt" : "iTXt");
  append_text(content, kKeyword);
  content.push_back(0);
  if (!is_ascii(text))
    content.insert(content.end(), 4, 0);  // not compressed, no language, no translated keyword
  append_text(content, text);
  return png_chunk(content);
}

Buffer jpeg_comments(const std::string& text) {
  Buffer segments;
  const std::size_t room = kLongestSegment - kJpegMark.size();
  for (std::size_t at = 0; at < text.size(); at += room) {
    const auto part = std::string_view(text).substr(at, room);
    append_text(segments, "\xFF\xFE");
    append_big_endian(segments, static_cast<std::uint32_t>(2 + kJpegMark.size() + part.size()), 2);
    append_text(segments, kJpegMark);
    append_text(segments, part);
  }
  return segments;
}

Buffer inserted(Bytes picture, std::size_t at, const Buffer& addition) {
  Buffer result(picture.begin(), picture.begin() + static_cast<std::ptrdiff_t>(at));
  result.insert(result.end(), addition.begin(), addition.end());
  result.insert(result.end(), picture.begin() + static_cast<std::ptrdiff_t>(at), picture.end());
  return result;
}

std::optional<std::string> job_in_png(Bytes picture) {
  for (std::size_t at = kPng.size(); at + kChunkFrame <= picture.size();) {
    const std::size_t length = number_at(picture, at, 4);
    if (length > picture.size() - at - kChunkFrame) return {};
    const std::string type = text_of(picture.subspan(at + 4, 4));
    const std::size_t skipped = kKeyword.size() + (type == "iTXt" ? 5 : 1);
    const bool is_text = type == "tEXt" || type == "iTXt";
    if (is_text && length >= skipped) {
      const Bytes content = picture.subspan(at + 8, length);
      if (text_of(content.first(kKeyword.size() + 1)) == std::string(kKeyword) + '\0')
        return text_of(content.subspan(skipped));
    }
    at += kChunkFrame + length;
  }
  return {};
}

std::optional<std::string> job_in_jpeg(Bytes picture) {
  constexpr std::uint8_t kComment = 0xFE;
  constexpr std::uint8_t kStartOfScan = 0xDA;
  std::optional<std::string> job;
  for (std::size_t at = 2;
       at + 4 <= picture.size() && picture[at] == 0xFF && picture[at + 1] != kStartOfScan;) {
    const std::size_t length = number_at(picture, at + 2, 2);
    if (length < 2 || at + 2 + length > picture.size()) break;
    const std::string content = text_of(picture.subspan(at + 4, length - 2));
    if (picture[at + 1] == kComment && content.starts_with(kJpegMark))
      job = job.value_or("") + content.substr(kJpegMark.size());
    at += 2 + length;
  }
  return job;
}

}  // namespace

std::vector<std::uint8_t> with_job(Bytes picture, const std::string& yaml) {
  if (!yaml.empty() && is_png(picture))
    return inserted(picture, behind_png_header(picture), png_text_chunk(yaml));
  if (!yaml.empty() && has_jpeg_segments(picture)) return inserted(picture, 2, jpeg_comments(yaml));
  if (!yaml.empty() && is_exr(picture)) return with_exr_text(picture, kKeyword, yaml);
  return {picture.begin(), picture.end()};
}

std::vector<std::uint8_t> with_code_points(Bytes picture, int primaries, int transfer) {
  constexpr std::string_view kType = "cICP", kPixels = "IDAT";
  const auto pixels = std::search(picture.begin(), picture.end(), kPixels.begin(), kPixels.end());
  const bool has_one = std::search(picture.begin(), pixels, kType.begin(), kType.end()) != pixels;
  if (!is_png(picture) || has_one) return {picture.begin(), picture.end()};
  Buffer content;
  append_text(content, kType);
  constexpr std::uint8_t kRgb = 0, kFullRange = 1;
  for (const int value : {primaries, transfer}) content.push_back(static_cast<std::uint8_t>(value));
  content.insert(content.end(), {kRgb, kFullRange});
  return inserted(picture, behind_png_header(picture), png_chunk(content));
}

std::optional<std::string> job_in_picture(Bytes picture) {
  if (is_png(picture)) return job_in_png(picture);
  if (has_jpeg_segments(picture)) return job_in_jpeg(picture);
  return exr_text(picture, kKeyword);
}

bool nearly_has_job(Bytes picture, std::string_view start) {
  constexpr std::size_t kHeaderContent = 13, kFrameBeforeContent = 8;
  constexpr std::size_t kAt = kPng.size() + kChunkFrame + kHeaderContent + kFrameBeforeContent;
  if (picture.size() < kAt) return false;
  const std::string wanted = std::string(kKeyword) + '\0' + std::string(start);
  return is_nearly(text_of(picture.subspan(kAt)), wanted);
}

}  // namespace dreamreel::media
