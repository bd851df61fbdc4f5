#include "picture_headers.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <string_view>

#include "avif_boxes.h"
#include "exr_header.h"
#include "file_bytes.h"
#include "filter_chain.h"
#include "jpeg_file.h"
#include "tiff_tags.h"

namespace dreamreel::media {
namespace fs = std::filesystem;
using namespace std::string_view_literals;
namespace {

constexpr std::uint64_t kMostExif = 1 << 20;
constexpr std::uint64_t kPhotometricCmyk = 5;
constexpr int kCmykComponents = 4;
constexpr std::uint64_t kExrHeader = 1 << 20;

std::string upright_by_exif(const TiffTags& tags) {
  return upright_filters_for_exif(static_cast<int>(tags.number(TiffTags::kOrientation).value_or(1) & 0xFFU));
}

struct PngColours {
  std::optional<double> gamma;
  std::optional<Chromaticities> chromaticities;
  bool is_srgb = false, has_profile = false;
};

void read_chunk(std::string_view type, Bytes content, PictureHeaders& headers, PngColours& colours) {
  const auto hundred_thousandths = [&](std::uint64_t at) {
    return static_cast<double>(number_at(content, at, 4)) / 100'000;
  };
  if (type == "eXIf") headers.upright = upright_by_exif(TiffTags::of_bytes(content));
  if (type == "cICP" && content.size() >= 2) headers.code_points = CodePoints{content[0], content[1]};
  if (type == "sRGB") colours.is_srgb = true;
  if (type == "iCCP") colours.has_profile = true;  // libav passes it on
  if (type == "gAMA" && content.size() == 4 && number_at(content, 0, 4) > 0)
    colours.gamma = 1 / hundred_thousandths(0);
  if (type == "cHRM" && content.size() == 32) {
    const auto value = [&](std::uint64_t number) { return hundred_thousandths(4 * number); };
    // cHRM begins with the white point.
    colours.chromaticities = {value(2), value(3), value(4), value(5), value(6), value(7), value(0), value(1)};
  }
}

// Chunks by their order of precedence: cICP, iCCP, sRGB, then gAMA and cHRM (PNG specification, third
// edition, 4.3).
PictureHeaders of_png(const fs::path& path) {
  PictureHeaders headers;
  PngColours colours;
  std::ifstream in(path, std::ios::binary);
  std::vector<std::uint8_t> content;
  const auto read = [&](std::uint64_t at, std::uint64_t count) {
    content.resize(static_cast<std::size_t>(count));
    in.seekg(static_cast<std::streamoff>(at));
    return static_cast<bool>(
        in.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(count)));
  };
  std::uint64_t at = kPng.size();
  while (read(at, 8)) {
    const std::uint64_t length = number_at(content, 0, 4);
    const std::string type(reinterpret_cast<const char*>(content.data()) + 4, 4);
    constexpr std::array<std::string_view, 6> kWanted{"eXIf", "cICP", "sRGB", "iCCP", "gAMA", "cHRM"};
    if (std::ranges::find(kWanted, type) != kWanted.end() && length <= kMostExif && read(at + 8, length))
      read_chunk(type, content, headers, colours);
    at += 12 + length;
  }
  if (headers.code_points || colours.has_profile || colours.is_srgb) return headers;
  headers.gamma = colours.gamma;
  headers.chromaticities = colours.chromaticities;
  return headers;
}

PictureHeaders of_tiff(const fs::path& path) {
  PictureHeaders headers;
  const TiffTags tags = TiffTags::of_file(path);
  headers.upright = upright_by_exif(tags);
  headers.icc = tags.bytes(TiffTags::kIccProfile);
  headers.is_cmyk = tags.number(TiffTags::kPhotometric) == kPhotometricCmyk;
  return headers;
}

PictureHeaders of_avif(const fs::path& path) {
  AvifProperties properties = read_avif_properties(path);
  PictureHeaders headers;
  headers.upright = upright_filters_of(properties);
  headers.icc = std::move(properties.icc);
  return headers;
}

PictureHeaders of_exr(const fs::path& path) {
  const auto bytes = bytes_of_file(path, 0, kExrHeader);
  PictureHeaders headers;
  const auto value = exr_attribute(bytes, "chromaticities");
  if (!value || value->size() != 32) return headers;
  Chromaticities primaries{};
  for (std::size_t i = 0; i < primaries.size(); ++i) {
    const auto bits = static_cast<std::uint32_t>(number_at(*value, 4 * i, 4, false));
    primaries[i] = std::bit_cast<float>(bits);
  }
  headers.chromaticities = primaries;
  return headers;
}

}  // namespace

PictureHeaders read_picture_headers(const fs::path& path) {
  const auto head = bytes_of_file(path, 0, 64);
  if (has_text(head, 0, kPng)) return of_png(path);
  if (has_text(head, 0, "II*\0"sv) || has_text(head, 0, "MM\0*"sv)) return of_tiff(path);
  if (has_text(head, 0, "v/1\x01"sv)) return of_exr(path);
  if (has_text(head, 4, "ftyp"sv)) return of_avif(path);
  PictureHeaders headers;
  if (has_text(head, 0, "\xFF\xD8\xFF"sv))
    if (const auto picture = JpegScanner(path).next())
      headers.is_cmyk = picture->components == kCmykComponents;
  return headers;
}

}  // namespace dreamreel::media
