#include "dreamreel/media/pictures.h"

#include <fmt/core.h>

#include <fstream>

#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "filter_memory.h"
#include "pattern.h"

namespace dreamreel::media {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kBytesOfEachEnd = 64 << 10;  // bytes at the beginning and at the end of each picture

void add_picture(Sha256& hash, const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!in || error) throw InputError("cannot read " + path.string());
  hash.update(fmt::format("{} {}\n", path.filename().string(), size));
  std::string bytes(static_cast<std::size_t>(std::min(size, kBytesOfEachEnd)), '\0');
  for (const std::uintmax_t at : {std::uintmax_t{0}, size - bytes.size()}) {
    in.seekg(static_cast<std::streamoff>(at));
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!in) throw InputError("cannot read " + path.string());
    hash.update(bytes);
  }
}

}  // namespace

std::string fingerprint_of_input(const fs::path& path) {
  std::error_code ignored;
  const auto pattern = NumberPattern::parse(path);
  if (!pattern || fs::exists(path, ignored)) return fingerprint_of_file(path);
  Sha256 hash;
  for (const std::int64_t number : pattern->numbers()) add_picture(hash, pattern->file(number));
  return hash.hex();
}

bool filter_forgets(const std::string& filter) {
  return forgets(filter);
}

}  // namespace dreamreel::media
