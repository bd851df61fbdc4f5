#include "jpeg_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "file_bytes.h"

namespace dreamreel::media {
namespace {

constexpr int kImageBegins = 0xD8, kImageEnds = 0xD9, kScanBegins = 0xDA, kApp2 = 0xE2;  // markers

bool is_restart_or_lone(int marker) {
  return (marker >= 0xD0 && marker <= 0xD7) || marker == 0x01;
}

// Whether a marker begins a frame's header: C0 to CF, except the tables C4 (Huffman), CC (arithmetic
// conditioning) and C8 (JPG).
bool is_frame_header(int marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

std::string extension_of(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return extension;
}

bool is_extension_of_jpeg(const std::string& extension) {
  constexpr std::array<std::string_view, 8> kNames{".jpg", ".jpeg", ".jpe", ".jfif",
                                                   ".jif", ".jps",  ".mpo", ".jpf"};
  return std::ranges::find(kNames, std::string_view(extension)) != kNames.end();
}

bool same_size(const JpegPicture& a, const JpegPicture& b) {
  return a.width == b.width && a.height == b.height;
}

}  // namespace

int JpegScanner::byte() {
  const int value = in_.get();
  return in_ ? value : -1;
}

// The next marker's code; -1 if something else comes. Fill bytes before a marker are allowed.
int JpegScanner::marker() {
  if (pending_ >= 0) return std::exchange(pending_, -1);
  if (byte() != 0xFF) return -1;
  int code = byte();
  while (code == 0xFF) code = byte();
  return code;
}

bool JpegScanner::read_segment(int marker, JpegPicture& picture) {
  std::array<std::uint8_t, 10> head{};
  if (!in_.read(reinterpret_cast<char*>(head.data()), 2)) return false;
  const auto length = static_cast<std::streamoff>(number_at(head, 0, 2));
  if (length < 2) return false;
  const auto begin = in_.tellg();
  const auto wanted = std::min<std::streamoff>(length - 2, static_cast<std::streamoff>(head.size()));
  if (!in_.read(reinterpret_cast<char*>(head.data()), wanted)) return false;
  if (is_frame_header(marker) && wanted >= 6) {
    picture.height = static_cast<int>(number_at(head, 1, 2));
    picture.width = static_cast<int>(number_at(head, 3, 2));
    picture.components = head[5];
  }
  if (marker == kApp2 && has_text(head, 0, "MPF")) picture.lists_others = true;
  return static_cast<bool>(in_.seekg(begin + (length - 2)));
}

// Skips the entropy-coded data. The marker behind it is left for the next read.
void JpegScanner::pass_scans() {
  std::vector<char> block(1 << 16);
  bool after_ff = false;
  for (;;) {
    const auto begin = in_.tellg();
    in_.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto count = in_.gcount();
    if (count <= 0) return;
    in_.clear();
    for (std::streamsize i = 0; i < count; ++i) {
      const int value = static_cast<std::uint8_t>(block[static_cast<std::size_t>(i)]);
      if (after_ff && value != 0 && value != 0xFF && !is_restart_or_lone(value)) {
        pending_ = value;
        in_.seekg(begin + (i + 1));
        return;
      }
      after_ff = value == 0xFF;
    }
  }
}

std::optional<JpegPicture> JpegScanner::next() {
  while (in_.peek() == 0) in_.get();  // some cameras pad between two pictures
  if (marker() != kImageBegins) return {};
  JpegPicture picture;
  bool scanned = false;
  for (;;) {
    const int code = marker();
    if (code == kImageEnds || code < 0) break;
    if (is_restart_or_lone(code)) continue;
    if (code == kImageBegins || !read_segment(code, picture)) break;
    if (code != kScanBegins) continue;
    scanned = true;
    pass_scans();
  }
  return scanned ? std::optional(picture) : std::nullopt;
}

bool is_motion_jpeg(const std::filesystem::path& path) {
  const std::string extension = extension_of(path);
  if (is_extension_of_jpeg(extension)) return false;
  JpegScanner scanner(path);
  const auto first = scanner.next();
  if (!first || first->lists_others) return false;
  const auto second = scanner.next();
  if (!second || !same_size(*first, *second)) return false;
  // A stereo pair is also two pictures of one size. So unless the name says "motion", a third picture is
  // needed.
  if (extension == ".mjpg" || extension == ".mjpeg") return true;
  const auto third = scanner.next();
  return third && same_size(*first, *third);
}

}  // namespace dreamreel::media
