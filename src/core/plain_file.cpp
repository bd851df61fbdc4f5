#include "dreamreel/core/plain_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "dreamreel/core/error.h"

namespace dreamreel {
namespace fs = std::filesystem;
namespace {

std::string why_not(mode_t mode) {
  if (S_ISREG(mode)) return "";
  return S_ISDIR(mode) ? "it is a folder" : "it is a pipe or a device, not a file";
}

class Descriptor {
 public:
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  explicit Descriptor(const fs::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// Appends to `text` until it holds `most` bytes or the file ends. Returns errno, 0 on success.
int read_into(std::string& text, std::size_t most, int descriptor) {
  constexpr std::size_t kBlock = 64 << 10;
  for (;;) {
    const std::size_t have = text.size(), wanted = std::min(kBlock, most - have);
    text.resize(have + wanted);
    const ssize_t count = wanted == 0 ? 0 : ::read(descriptor, text.data() + have, wanted);
    text.resize(have + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : 0;
  }
}

}  // namespace

std::string why_not_a_file(const fs::path& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return std::strerror(errno);
  return why_not(file.st_mode);
}

Beginning read_beginning(const fs::path& path, std::size_t most) {
  const Descriptor file(path);
  struct stat facts {};
  if (file.number() < 0 || ::fstat(file.number(), &facts) != 0) return {{}, std::strerror(errno)};
  if (auto why = why_not(facts.st_mode); !why.empty()) return {{}, std::move(why)};
  std::string text;
  if (const int failure = read_into(text, most, file.number()); failure != 0)
    return {{}, std::strerror(failure)};
  return {std::move(text), ""};
}

std::string read_whole(const fs::path& path, std::size_t most) {
  auto [text, why] = read_beginning(path, most + 1);
  if (text && text->size() > most) why = fmt::format("it has more than {} MiB", most >> 20);
  if (!why.empty()) throw InputError(fmt::format("cannot read {}: {}", path.string(), why));
  return *std::move(text);
}

void expect_small_json(std::string_view json) {
  std::size_t values = 1, levels = 0;
  bool inside_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inside_text) {
      if (c == '\\') ++i;
      inside_text = c != '"';
    } else if (c == '"') {
      inside_text = true;
    } else if (c == ',' || c == '[' || c == '{') {
      if (++values > kMostJsonValues) throw DataError(fmt::format("more than {} values", kMostJsonValues));
      if (c != ',' && ++levels > kMostJsonLevels)
        throw DataError(fmt::format("more than {} levels", kMostJsonLevels));
    } else if ((c == ']' || c == '}') && levels > 0) {
      --levels;
    }
  }
}

}  // namespace dreamreel
