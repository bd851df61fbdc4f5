// Reads numbers out of the bytes of a file, and checks bounds. Every reader of a picture's own headers (JPEG,
// PNG, TIFF, ISO boxes) uses these functions. So a torn or hostile header gives "nothing found", and no read
// goes past the bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>
#include <vector>

namespace dreamreel::media {

using Bytes = std::span<const std::uint8_t>;

/// The beginning of every PNG.
inline constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n";
/// The beginning of every JPEG, and of every JPEG-LS.
inline constexpr std::string_view kJpeg = "\xFF\xD8\xFF";

/// At most `count` bytes from `at` on. Fewer, or none, if the bytes end before.
inline Bytes part_of(Bytes bytes, std::uint64_t at, std::uint64_t count) {
  if (at >= bytes.size()) return {};
  const auto first = static_cast<std::size_t>(at);
  return bytes.subspan(first, static_cast<std::size_t>(std::min<std::uint64_t>(count, bytes.size() - first)));
}

/// The number in `count` (at most 8) bytes from `at` on; 0 if there are fewer bytes.
inline std::uint64_t number_at(Bytes bytes, std::uint64_t at, std::size_t count, bool big_endian = true) {
  const Bytes part = part_of(bytes, at, count);
  if (part.size() < count) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | part[big_endian ? i : count - 1 - i];
  return value;
}

/// Whether `text` stands at `at`.
inline bool has_text(Bytes bytes, std::uint64_t at, std::string_view text) {
  const Bytes part = part_of(bytes, at, text.size());
  return part.size() == text.size() &&
         std::equal(text.begin(), text.end(), part.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

/// At most `most` bytes of a file from `at` on; none if they cannot be read.
inline std::vector<std::uint8_t> bytes_of_file(const std::filesystem::path& path, std::uint64_t at,
                                               std::uint64_t most) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};  // a pipe's bytes would be gone
  const auto size = std::filesystem::file_size(path, error);
  if (error || at >= size) return {};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(most, size - at)));
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(at));
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  return bytes;
}

}  // namespace dreamreel::media
