#include "file_kind.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "dreamreel/core/error.h"
#include "file_bytes.h"
#include "jpeg_file.h"
#include "tiff_tags.h"

namespace dreamreel::media {
namespace fs = std::filesystem;
using namespace std::string_view_literals;
namespace {

constexpr std::size_t kHead = 64 << 10;  // bytes; enough to tell every format

constexpr std::string_view kConvert = "convert it to JPEG, PNG or TIFF first";

bool is_jpeg(Bytes head) {
  return has_text(head, 0, kJpeg) && !has_text(head, 3, "\xF7"sv);  // FF D8 FF F7: JPEG-LS
}

// Whether a PNG is animated: its acTL chunk, before the first IDAT, promises more than one frame.
bool is_animated_png(Bytes head) {
  for (std::uint64_t at = kPng.size(); at + 12 <= head.size();) {
    if (has_text(head, at + 4, "IDAT"sv)) return false;
    if (has_text(head, at + 4, "acTL"sv)) return number_at(head, at + 8, 4) > 1;
    at += 12 + number_at(head, at, 4);
  }
  return false;
}

const AVInputFormat* by_content(std::vector<std::uint8_t> head, int& score) {
  AVProbeData data{};
  data.filename = "";
  data.buf_size = static_cast<int>(head.size());
  head.resize(head.size() + AVPROBE_PADDING_SIZE);
  data.buf = head.data();
  return av_probe_input_format3(&data, 1, &score);
}

// Whether libav takes the file for a picture because of its name, before it opens the file.
bool has_name_of_picture(const fs::path& path) {
  const std::string name = path.string();
  AVProbeData data{};
  data.filename = name.c_str();
  int score = 0;
  const AVInputFormat* format = av_probe_input_format3(&data, 0, &score);
  return format != nullptr && std::string_view(format->name) == "image2";
}

// The brands of an ISO file (ISO 14496-12): the major one, then those that it is compatible with.
std::vector<std::string_view> brands_of(Bytes head) {
  std::vector<std::string_view> brands;
  if (!has_text(head, 4, "ftyp"sv)) return brands;
  const auto size = std::min<std::uint64_t>(number_at(head, 0, 4), head.size());
  for (std::uint64_t at = 8; at + 4 <= size; at += 4)
    if (at != 12) brands.emplace_back(reinterpret_cast<const char*>(head.data()) + at, 4);
  return brands;
}

bool has_brand(const std::vector<std::string_view>& brands, const std::vector<std::string_view>& wanted) {
  return std::ranges::find_first_of(brands, wanted) != brands.end();
}

std::string reason_of_brands(Bytes head) {
  const auto brands = brands_of(head);
  const std::string ffmpeg = fmt::format("this FFmpeg ({})", av_version_info());
  if (has_brand(brands, {"avif"sv, "avis"sv}))
    return fmt::format(
        "it is an AVIF picture of a kind that {} cannot read, such as one made of tiles; {}, for example "
        "with heif-convert",
        ffmpeg, kConvert);
  if (has_brand(brands, {"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv, "hevm"sv, "hevs"sv,
                         "mif1"sv, "mif2"sv, "msf1"sv, "heif"sv}))
    return fmt::format(
        "it is a HEIC photo, which {} cannot read; {}, for example with heif-convert IN.heic OUT.png "
        "(Debian: libheif-examples), or have the phone write JPEG (\"Most Compatible\")",
        ffmpeg, kConvert);
  return "";
}

struct Signature {
  std::uint64_t at;
  std::string_view bytes;
  std::string_view reason;
};

constexpr std::string_view kRaw =
    "it is a camera's raw file: undeveloped sensor values beside a small preview. Develop it first, for "
    "example with darktable or RawTherapee, into a TIFF or PNG";

const std::vector<Signature>& raw_signatures() {
  static const std::vector<Signature> signatures{
      {8, "CR\x02\0"sv, kRaw},
      {4, "ftypcrx "sv, kRaw},
      {0, "FUJIFILMCCD-RAW"sv, kRaw},
      {0, "IIRO"sv, kRaw},
      {0, "IIRS"sv, kRaw},
      {0, "MMOR"sv, kRaw},
      {0, "IIU\0"sv, kRaw},
      {0, "FOVb"sv, kRaw},
      {0, "\0MRM"sv, kRaw},
      {0, "II\x1a\0\0\0HEAPCCDR"sv, kRaw},
  };
  return signatures;
}

const std::vector<Signature>& signatures() {
  static const std::vector<Signature> all{
      {0, "%PDF"sv, "it is a PDF document; make a picture of a page first, for example with pdftoppm -png"},
      {0, "%!PS"sv, "it is a PostScript document; make a picture of it first, for example with Ghostscript"},
      {0, "8BPS"sv,
       "it is a Photoshop file of a kind that FFmpeg cannot read, or it is damaged; save it as PNG or TIFF"},
      {0, "8BPB"sv,
       "it is a Photoshop file of a kind that FFmpeg cannot read, or it is damaged; save it as PNG or TIFF"},
      {0, "gimp xcf"sv, "it is a GIMP project; export it from GIMP as PNG or TIFF"},
      {0, "PK\x03\x04"sv,
       "it is a ZIP archive, which also .kra, .ora and .procreate files are; unpack it, or export a PNG or "
       "TIFF from the program that made it"},
      {0, "#?RADIANCE"sv,
       "it is a Radiance HDR picture, which this FFmpeg cannot read; convert it to EXR first"},
      {0, "#?RGBE"sv, "it is a Radiance HDR picture, which this FFmpeg cannot read; convert it to EXR first"},
      {0, "\0\0\0\x0CJXL \r\n\x87\n"sv,
       "it is a JPEG XL picture, which this FFmpeg cannot read, or it is damaged; convert it "
       "to PNG first, for example with djxl"},
      {0, "\xFF\x0A"sv,
       "it is a JPEG XL picture, which this FFmpeg cannot read, or it is damaged; convert it to PNG first, "
       "for example with djxl"},
      {0, "BPG\xFB"sv, "it is a BPG picture, which FFmpeg cannot read; convert it to PNG first"},
      {0, "AT&TFORM"sv, "it is a DjVu document; make a picture of a page first"},
      {0, "v/1\x01"sv,
       "it is an OpenEXR picture of a kind that FFmpeg cannot read, such as a deep one, or it is damaged; "
       "save it as a flat one (scan lines, ZIP compression)"},
      {0, "II*\0"sv,
       "it is a TIFF picture of a kind that FFmpeg cannot read (float samples, for example), or it is "
       "damaged; save it with 8 or 16 bits a channel, or as EXR"},
      {0, "MM\0*"sv,
       "it is a TIFF picture of a kind that FFmpeg cannot read (float samples, for example), or it is "
       "damaged; save it with 8 or 16 bits a channel, or as EXR"},
      {0, "II+\0"sv,
       "it is a BigTIFF picture, which FFmpeg cannot read; save it as an ordinary TIFF or as PNG"},
      {0, "MM\0+"sv,
       "it is a BigTIFF picture, which FFmpeg cannot read; save it as an ordinary TIFF or as PNG"},
      {0, "version https://git-lfs"sv,
       "it is a pointer of Git LFS, not the file itself; fetch the file with git lfs pull"},
  };
  return all;
}

bool matches(Bytes head, const Signature& signature) {
  return has_text(head, signature.at, signature.bytes);
}

// The reason if the file is markup: an SVG drawing or a web page. White space, a byte order mark and an XML
// heading may stand before the first tag.
std::string reason_of_markup(Bytes head) {
  std::string text;
  for (const std::uint8_t byte : part_of(head, 0, 1024)) text += static_cast<char>(std::tolower(byte));
  const auto first = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (first == std::string::npos || text[first] != '<') return "";
  if (text.find("<svg") != std::string::npos)
    return "it is an SVG drawing; make a picture of it first, for example with rsvg-convert IN.svg -o "
           "OUT.png";
  if (text.find("<!doctype html") != std::string::npos || text.find("<html") != std::string::npos)
    return "it is a web page; the download may have stored an error or log-in page in place of the file";
  return "";
}

// Whether a TIFF is a camera's raw file. DNG says so in a tag. Other raw files begin with a reduced picture,
// and have the sensor's picture as a sub-picture.
bool is_raw_tiff(const fs::path& path) {
  const TiffTags tags = TiffTags::of_file(path);
  if (tags.number(TiffTags::kDngVersion)) return true;
  const bool reduced = (tags.number(TiffTags::kNewSubfileType).value_or(0) & 1U) != 0;
  return reduced && tags.number(TiffTags::kSubIfds).has_value();
}

bool is_camera_raw(const fs::path& path, Bytes head) {
  return std::ranges::any_of(raw_signatures(), [&](const auto& one) { return matches(head, one); }) ||
         is_raw_tiff(path);
}

}  // namespace

FileKind kind_of_file(const fs::path& path) {
  const auto head = bytes_of_file(path, 0, kHead);
  if (is_jpeg(head)) {
    if (!is_motion_jpeg(path)) return {true, AV_CODEC_ID_MJPEG, nullptr};
    return {false, AV_CODEC_ID_NONE, av_find_input_format("mjpeg")};
  }
  if (has_text(head, 0, kPng)) {
    if (!is_animated_png(head)) return {true, AV_CODEC_ID_PNG, nullptr};
    return {false, AV_CODEC_ID_NONE, av_find_input_format("apng")};
  }
  int score = 0;
  const AVInputFormat* format = head.empty() ? nullptr : by_content(head, score);
  if (format == nullptr || score <= AVPROBE_SCORE_EXTENSION) return {};
  if (std::string_view(format->name).ends_with("_pipe")) return {true, AV_CODEC_ID_NONE, format};
  return {false, AV_CODEC_ID_NONE, has_name_of_picture(path) ? format : nullptr};
}

std::string why_unreadable(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error) && fs::file_size(path, error) == 0) return "it is empty";
  const auto head = bytes_of_file(path, 0, kHead);
  if (head.empty()) return "";
  if (std::ranges::all_of(head, [](auto byte) { return byte == 0; }))
    return "it holds nothing but zeros; a copy or a download of it may not have finished";
  if (is_camera_raw(path, head)) return std::string(kRaw);
  if (auto reason = reason_of_brands(head); !reason.empty()) return reason;
  for (const auto& signature : signatures())
    if (matches(head, signature)) return std::string(signature.reason);
  // The animation bit of the extended header (WebP container specification, VP8X).
  if (has_text(head, 0, "RIFF"sv) && has_text(head, 8, "WEBPVP8X"sv) && (number_at(head, 20, 1) & 2U) != 0)
    return "it is an animated WebP, which this FFmpeg cannot read; convert it to a video, APNG or GIF first, "
           "for "
           "example with ImageMagick";
  return reason_of_markup(head);
}

void refuse_camera_raw(const fs::path& path) {
  if (is_camera_raw(path, bytes_of_file(path, 0, kHead)))
    throw InputError(fmt::format("cannot use {}: {}", path.string(), kRaw));
}

}  // namespace dreamreel::media
