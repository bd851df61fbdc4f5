#include "dreamreel/core/cache_folder.h"

#include <cstdlib>
#include <string>

namespace dreamreel {
namespace {

std::string environment(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? "" : text;
}

}  // namespace

std::optional<std::filesystem::path> cache_folder() {
  namespace fs = std::filesystem;
  if (const auto cache = environment("XDG_CACHE_HOME"); !cache.empty())
    return fs::absolute(cache) / "dreamreel";
  if (const auto home = environment("HOME"); !home.empty())
    return fs::absolute(home) / ".cache" / "dreamreel";
  return {};
}

}  // namespace dreamreel
