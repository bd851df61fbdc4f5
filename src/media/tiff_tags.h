// Reads the first directory of a TIFF structure. TIFF files and Exif data have this form (TIFF 6.0, section
// 2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "file_bytes.h"

namespace dreamreel::media {

class TiffTags {
 public:
  static constexpr std::uint16_t kNewSubfileType = 254, kPhotometric = 262, kOrientation = 274,
                                 kSubIfds = 330, kIccProfile = 34675, kDngVersion = 50706;

  /// Both kinds begin with the byte order ("II" or "MM"). Bytes that are no TIFF give no tags.
  static TiffTags of_bytes(Bytes bytes);
  static TiffTags of_file(const std::filesystem::path& path);

  /// The first value of a tag with whole numbers or bytes; nullopt if the directory lacks the tag.
  std::optional<std::uint64_t> number(std::uint16_t tag) const;
  /// The bytes of a tag, at most kMostBytes. Empty if there is none, or if they lie after the end.
  std::vector<std::uint8_t> bytes(std::uint16_t tag) const;
  static constexpr std::uint64_t kMostBytes = 16 << 20;

 private:
  using Read = std::function<std::vector<std::uint8_t>(std::uint64_t at, std::uint64_t count)>;
  explicit TiffTags(Read read);
  /// The 12 bytes of a tag's entry; empty if the directory lacks it.
  Bytes entry(std::uint16_t tag) const;

  Read read_;
  bool big_endian_ = false;
  std::vector<std::uint8_t> directory_;
};

}  // namespace dreamreel::media
