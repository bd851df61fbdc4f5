#include "tiff_tags.h"

#include <array>
#include <utility>

namespace dreamreel::media {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kEntry = 12;  // bytes

// Bytes of one value, by TIFF's number for its type.
std::size_t bytes_of_type(std::uint64_t type) {
  constexpr std::array<std::size_t, 14> kBytes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
  return type < kBytes.size() ? kBytes[type] : 0;
}

}  // namespace

TiffTags::TiffTags(Read read) : read_(std::move(read)) {
  const auto head = read_(0, 8);
  big_endian_ = has_text(head, 0, "MM\0*"sv);
  if (!big_endian_ && !has_text(head, 0, "II*\0"sv)) return;
  const std::uint64_t at = number_at(head, 4, 4, big_endian_);
  const auto count = read_(at, 2);
  directory_ = read_(at + 2, kEntry * number_at(count, 0, 2, big_endian_));
}

TiffTags TiffTags::of_bytes(Bytes bytes) {
  return TiffTags([bytes](std::uint64_t at, std::uint64_t count) {
    const Bytes part = part_of(bytes, at, count);
    return std::vector<std::uint8_t>(part.begin(), part.end());
  });
}

TiffTags TiffTags::of_file(const std::filesystem::path& path) {
  return TiffTags([path](std::uint64_t at, std::uint64_t count) { return bytes_of_file(path, at, count); });
}

Bytes TiffTags::entry(std::uint16_t tag) const {
  for (std::uint64_t at = 0; at + kEntry <= directory_.size(); at += kEntry)
    if (number_at(directory_, at, 2, big_endian_) == tag) return part_of(directory_, at, kEntry);
  return {};
}

std::optional<std::uint64_t> TiffTags::number(std::uint16_t tag) const {
  const Bytes at = entry(tag);
  const std::size_t size = bytes_of_type(number_at(at, 2, 2, big_endian_));
  const std::uint64_t count = number_at(at, 4, 4, big_endian_);
  if (at.empty() || size == 0 || size > 4 || count == 0) return {};
  if (count <= 4 / size) return number_at(at, 8, size, big_endian_);
  const auto value = read_(number_at(at, 8, 4, big_endian_), size);
  return number_at(value, 0, size, big_endian_);
}

std::vector<std::uint8_t> TiffTags::bytes(std::uint16_t tag) const {
  const Bytes at = entry(tag);
  const std::uint64_t size =
      bytes_of_type(number_at(at, 2, 2, big_endian_)) * number_at(at, 4, 4, big_endian_);
  if (at.empty() || size <= 4 || size > kMostBytes) return {};
  auto found = read_(number_at(at, 8, 4, big_endian_), size);
  if (found.size() < size) found.clear();
  return found;
}

}  // namespace dreamreel::media
