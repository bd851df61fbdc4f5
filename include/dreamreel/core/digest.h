// SHA-256 (FIPS 180-4), to tell whether a file has changed. Any thread, but an object belongs to one thread.
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

/// SHA-256 of a whole file. Throws InputError if it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

/// A fingerprint that tells large files apart without reading all of their bytes: the SHA-256 of the length
/// and of up to 64 MiB (the first and last 8 MiB, and 1 MiB blocks evenly between). Files up to 64 MiB are
/// read whole. It does not depend on name or date, so copies on other machines have the same fingerprint.
/// Throws InputError if the file cannot be read.
std::string fingerprint_of_file(const std::filesystem::path& path);

}  // namespace dreamreel
