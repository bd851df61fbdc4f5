#include "dreamreel/core/digest.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"

namespace dreamreel {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kReadWhole = 64 * kMiB;
constexpr std::uint64_t kEnds = 8 * kMiB;
constexpr std::uint64_t kBlocksBetween = 48;

class HashedFile {
 public:
  explicit HashedFile(const std::filesystem::path& path) : path_(path) {
    if (const std::string why = why_not_a_file(path); !why.empty())
      throw InputError(fmt::format("cannot read {}: {}", path.string(), why));
    in_.open(path, std::ios::binary);
    if (!in_) fail();
    in_.seekg(0, std::ios::end);
    size_ = static_cast<std::uint64_t>(in_.tellg());
  }

  std::uint64_t size() const { return size_; }

  void add(Sha256& hash, std::uint64_t begin, std::uint64_t end) {
    in_.seekg(static_cast<std::streamoff>(begin));
    while (begin < end) {
      const auto wanted = std::min<std::uint64_t>(end - begin, buffer_.size());
      in_.read(reinterpret_cast<char*>(buffer_.data()), static_cast<std::streamsize>(wanted));
      if (!in_) fail();
      hash.update({buffer_.data(), static_cast<std::size_t>(wanted)});
      begin += wanted;
    }
  }

 private:
  [[noreturn]] void fail() const {
    throw InputError(
        fmt::format("cannot read {}: {}", path_.string(), std::strerror(errno == 0 ? EIO : errno)));
  }

  const std::filesystem::path& path_;
  std::ifstream in_;
  std::uint64_t size_ = 0;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kMiB);
};

}  // namespace

namespace {

void expect_done(int done) {
  if (done != 1) throw RenderError("OpenSSL cannot compute SHA-256 on this machine");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  expect_done(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void Sha256::update(std::span<const std::uint8_t> bytes) {
  expect_done(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() {
  std::array<std::uint8_t, 32> digest{};
  expect_done(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

std::string sha256_of_file(const std::filesystem::path& path) {
  HashedFile file(path);
  Sha256 hash;
  file.add(hash, 0, file.size());
  return hash.hex();
}

std::string fingerprint_of_file(const std::filesystem::path& path) {
  HashedFile file(path);
  const std::uint64_t size = file.size();
  Sha256 hash;
  hash.update(fmt::format("{}\n", size));
  if (size <= kReadWhole) {
    file.add(hash, 0, size);
    return hash.hex();
  }
  file.add(hash, 0, kEnds);
  const std::uint64_t between = size - 2 * kEnds - kMiB;
  for (std::uint64_t i = 0; i < kBlocksBetween; ++i) {
    const std::uint64_t begin = kEnds + between / kBlocksBetween * i;
    file.add(hash, begin, begin + kMiB);
  }
  file.add(hash, size - kEnds, size);
  return hash.hex();
}

}  // namespace dreamreel
