// SHA-256 (FIPS 180-4), to tell whether a file is still the one that it was. Any thread; an object belongs to one.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace dreamreel {

class Sha256 {
 public:
  void update(std::span<const std::uint8_t> bytes);
  void update(std::string_view text) {
    update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  /// 64 lower-case hexadecimal digits. Nothing may be added afterwards.
  std::string hex();

 private:
  void compress(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t length_ = 0;
};

std::string sha256_hex(std::string_view text);

/// Of a whole file. Throws InputError if it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

/// What tells one large file from another without reading all of it: its length, and up to 64 MiB of it (its first and
/// last 8 MiB, and 1 MiB blocks evenly between), as SHA-256. Files up to 64 MiB are read whole. Does not depend on
/// name or date, so copies on other machines have the same one. Throws InputError if it cannot be read.
std::string fingerprint_of_file(const std::filesystem::path& path);

}  // namespace dreamreel
