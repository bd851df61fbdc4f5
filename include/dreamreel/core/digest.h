// SHA-256 (FIPS 180-4), to tell whether a file is still the one that it was. Any thread; an object belongs to one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace dreamreel {

class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::uint8_t> bytes);
  void update(std::string_view text) {
    update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  /// 64 lower-case hexadecimal digits. Nothing may be added afterwards.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256_hex(std::string_view text);

/// Of a whole file. Throws InputError if it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

/// What tells one large file from another without reading all of it: its length, and up to 64 MiB of it (its first and
/// last 8 MiB, and 1 MiB blocks evenly between), as SHA-256. Files up to 64 MiB are read whole. Does not depend on
/// name or date, so copies on other machines have the same one. Throws InputError if it cannot be read.
std::string fingerprint_of_file(const std::filesystem::path& path);

}  // namespace dreamreel
