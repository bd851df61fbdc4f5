#include "dreamreel/core/file_names.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include "dreamreel/core/digest.h"

namespace dreamreel {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kUsualLongestName = 255;  // NAME_MAX of nearly every file system
constexpr std::size_t kChecksumDigits = 16;
constexpr std::size_t kLongestExtension = 32;  // a longer one is not the name of a format

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  ssize_t got = 0;
  do got = getrandom(&bits, sizeof bits, 0);
  while (got < 0 && errno == EINTR);
  if (got == sizeof bits) return bits;
  // A kernel without getrandom: the clock and an address differ between processes.
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return static_cast<std::uint64_t>(now) * 0x9e3779b97f4a7c15ULL ^ reinterpret_cast<std::uintptr_t>(&bits);
}

// Never cuts in the middle of a UTF-8 character.
std::string start_of(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  std::string text = name.data();
  // The host becomes one word without dots or dashes, so that file names can be taken apart again.
  for (char& c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return text.empty() ? "localhost" : text;
}

std::string random_word() {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuv";
  std::string word;
  for (std::uint64_t bits = random_bits(); word.size() < 8; bits >>= 5U) word += kLetters[bits & 31U];
  return word;
}

std::size_t longest_name(const fs::path& folder) {
  for (fs::path place = folder.empty() ? "." : folder; !place.empty();) {
    const long most = pathconf(place.c_str(), _PC_NAME_MAX);
    if (most > 0) return std::min(static_cast<std::size_t>(most), kUsualLongestName);
    const fs::path above = place.parent_path();
    if (above == place) break;
    place = above;
  }
  return kUsualLongestName;
}

std::string shortened_name(const std::string& name, std::size_t most) {
  if (name.size() <= most) return name;
  const fs::path path(name);
  std::string extension = path.extension().string();
  if (extension.size() > kLongestExtension) extension.clear();
  const std::string mark = "~" + sha256_hex(name).substr(0, kChecksumDigits) + extension;
  if (most <= mark.size()) return mark;
  return start_of(name.substr(0, name.size() - extension.size()), most - mark.size()) + mark;
}

fs::path with_suffix(const fs::path& path, std::string_view suffix) {
  const std::size_t most = longest_name(path.parent_path());
  const std::string name = path.filename().string();
  return path.parent_path() /
         (shortened_name(name, most - std::min(most, suffix.size())) + std::string(suffix));
}

}  // namespace dreamreel
