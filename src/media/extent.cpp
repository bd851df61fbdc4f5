#include "extent.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string_view>

namespace dreamreel::media {
namespace {

constexpr int kMostElements =
    10'000'000;  // fragments of a day; a file that lies about its structure ends here

class SizedFile {
 public:
  explicit SizedFile(const std::filesystem::path& path) : in_(path, std::ios::binary) {
    in_.seekg(0, std::ios::end);
    size_ = in_ ? static_cast<std::uint64_t>(in_.tellg()) : 0;
  }
  std::uint64_t size() const { return size_; }

  template <std::size_t N>
  std::optional<std::array<std::uint8_t, N>> at(std::uint64_t position) {
    std::array<std::uint8_t, N> bytes{};
    if (position > size_ || size_ - position < N) return {};
    in_.seekg(static_cast<std::streamoff>(position));
    in_.read(reinterpret_cast<char*>(bytes.data()), N);
    if (!in_) return {};
    return bytes;
  }

 private:
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

template <typename It>
std::uint64_t big_endian(It begin, It end) {
  std::uint64_t value = 0;
  for (; begin != end; ++begin) value = value << 8 | *begin;
  return value;
}

std::string_view tag(const std::uint8_t* bytes) {
  return {reinterpret_cast<const char*>(bytes), 4};
}

bool is_iso(std::string_view type) {
  constexpr std::array<std::string_view, 8> kTypes{"ftyp", "styp", "moov", "moof",
                                                   "mdat", "free", "skip", "wide"};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

// Whether `size` bytes from `position` on reach past the end of the file.
bool reaches_past(const SizedFile& file, std::uint64_t position, std::uint64_t size) {
  return size > file.size() || position > file.size() - size;
}

// A box has a size of 32 bits and a type. After the size 1, the real size follows in 64 bits. The size 0
// means that the box goes on to the end of the file.
bool iso_ends_too_early(SizedFile& file) {
  std::uint64_t position = 0;
  for (int i = 0; i < kMostElements; ++i) {
    const auto head = file.at<16>(position);
    if (!head) return false;
    std::uint64_t size = big_endian(head->begin(), head->begin() + 4);
    if (size == 1) size = big_endian(head->begin() + 8, head->end());
    if (size < 8) return false;
    if (reaches_past(file, position, size)) return true;
    position += size;
  }
  return false;
}

// A chunk is "RIFF", its size without the first 8 bytes, and a type. Long files have several chunks.
bool riff_ends_too_early(SizedFile& file) {
  std::uint64_t position = 0;
  for (int i = 0; i < kMostElements; ++i) {
    const auto head = file.at<12>(position);
    if (!head || tag(head->data()) != "RIFF") return false;
    const std::uint64_t size = std::uint64_t{(*head)[4]} | std::uint64_t{(*head)[5]} << 8 |
                               std::uint64_t{(*head)[6]} << 16 | std::uint64_t{(*head)[7]} << 24;
    if (size == 0) return false;  // the recorder stopped before it wrote the size
    if (reaches_past(file, position + 8, size)) return true;
    position += 8 + size + size % 2;
  }
  return false;
}

// The leading zero bits of an EBML number say how many bytes it has. nullopt for the value that means
// "unknown".
std::optional<std::uint64_t> ebml_size(SizedFile& file, std::uint64_t& position) {
  const auto first = file.at<1>(position);
  if (!first || (*first)[0] == 0) return {};
  const int length = std::countl_zero((*first)[0]) + 1;
  std::uint64_t value = (*first)[0] & (0xFF >> length);
  bool unknown = value == static_cast<std::uint64_t>(0xFF >> length);
  for (int i = 1; i < length; ++i) {
    const auto next = file.at<1>(position + static_cast<std::uint64_t>(i));
    if (!next) return {};
    value = value << 8 | (*next)[0];
    unknown = unknown && (*next)[0] == 0xFF;
  }
  position += static_cast<std::uint64_t>(length);
  if (unknown) return {};
  return value;
}

bool matroska_ends_too_early(SizedFile& file) {
  constexpr std::uint32_t kSegment = 0x18538067;
  std::uint64_t position = 4;
  for (int i = 0; i < kMostElements; ++i) {
    const auto size = ebml_size(file, position);
    if (!size) return false;
    if (reaches_past(file, position, *size)) return true;
    position += *size;
    const auto id = file.at<4>(position);
    if (!id || big_endian(id->begin(), id->end()) != kSegment) return false;
    position += 4;
  }
  return false;
}

// The file has a head of 9 bytes, and then tags. Before each tag stands the length of the previous tag, in 32
// bits. A tag begins with its type, 24 bits of size, and 7 more bytes.
bool flv_ends_too_early(SizedFile& file) {
  constexpr std::uint64_t kTagHead = 11, kLength = 4;
  constexpr std::uint8_t kSound = 8, kPictures = 9, kScript = 18;
  std::uint64_t position = 9;
  for (int i = 0; i < kMostElements; ++i) {
    if (reaches_past(file, position, kLength)) return true;
    position += kLength;
    if (position == file.size()) return false;
    const auto head = file.at<kTagHead>(position);
    if (!head) return true;
    if ((*head)[0] != kSound && (*head)[0] != kPictures && (*head)[0] != kScript) return false;
    const std::uint64_t size = kTagHead + big_endian(head->begin() + 1, head->begin() + 4);
    if (reaches_past(file, position, size)) return true;
    position += size;
  }
  return false;
}

}  // namespace

bool ends_too_early(const std::filesystem::path& path) {
  constexpr std::uint32_t kEbml = 0x1A45DFA3;
  SizedFile file(path);
  const auto head = file.at<8>(0);
  if (!head) return false;
  if (is_iso(tag(head->data() + 4))) return iso_ends_too_early(file);
  if (tag(head->data()).starts_with("FLV")) return flv_ends_too_early(file);
  if (tag(head->data()) == "RIFF") return riff_ends_too_early(file);
  if (big_endian(head->begin(), head->begin() + 4) == kEbml) return matroska_ends_too_early(file);
  return false;
}

}  // namespace dreamreel::media
