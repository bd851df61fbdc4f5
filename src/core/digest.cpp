#include "dreamreel/core/digest.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel {
namespace {

// First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
constexpr std::array<std::uint32_t, 64> kRoundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kReadWhole = 64 * kMiB;
constexpr std::uint64_t kEnds = 8 * kMiB;
constexpr std::uint64_t kBlocksBetween = 48;

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         bytes[3];
}

class HashedFile {
 public:
  explicit HashedFile(const std::filesystem::path& path) : path_(path), in_(path, std::ios::binary) {
    if (!in_ || std::filesystem::is_directory(path)) fail();
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
    throw InputError("cannot read " + path_.string() + ": " + std::strerror(errno == 0 ? EIO : errno));
  }

  const std::filesystem::path& path_;
  std::ifstream in_;
  std::uint64_t size_ = 0;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kMiB);
};

}  // namespace

void Sha256::compress(const std::uint8_t* block) {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = big_endian(block + 4 * i);
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
    const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRoundConstants[i] + w[i];
    const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const std::array<std::uint32_t, 8> sum{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state_[i] += sum[i];
}

void Sha256::update(std::span<const std::uint8_t> bytes) {
  length_ += bytes.size();
  while (!bytes.empty()) {
    if (filled_ == 0 && bytes.size() >= block_.size()) {
      compress(bytes.data());
      bytes = bytes.subspan(block_.size());
      continue;
    }
    const std::size_t count = std::min(block_.size() - filled_, bytes.size());
    std::copy_n(bytes.begin(), count, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += count;
    bytes = bytes.subspan(count);
    if (filled_ < block_.size()) return;
    compress(block_.data());
    filled_ = 0;
  }
}

std::string Sha256::hex() {
  const std::uint64_t bits = length_ * 8;
  const std::uint8_t one = 0x80, zero = 0;
  update({&one, 1});
  while (filled_ != block_.size() - 8) update({&zero, 1});
  std::array<std::uint8_t, 8> tail;
  for (std::size_t i = 0; i < 8; ++i) tail[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  update(tail);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint32_t word : state_)
    for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[word >> shift & 15];
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
  hash.update(std::to_string(size) + "\n");
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
