#include "dreamreel/core/cache_folder.h"

#include <utility>

#include "dreamreel/core/environment.h"
#include "dreamreel/core/temporary_folder.h"

namespace dreamreel {

std::optional<std::filesystem::path> cache_folder() {
  namespace fs = std::filesystem;
  if (const auto cache = environment("XDG_CACHE_HOME"); !cache.empty())
    return fs::absolute(cache) / "dreamreel";
  if (const auto home = environment("HOME"); !home.empty())
    return fs::absolute(home) / ".cache" / "dreamreel";
  return {};
}

std::filesystem::path cache_or_temporary_folder() {
  if (auto folder = cache_folder()) return std::move(*folder);
  return folder_for_temporary_files() / "dreamreel";
}

}  // namespace dreamreel
