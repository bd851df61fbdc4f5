#include "dreamreel/core/similar_files.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "dreamreel/core/suggest.h"

namespace dreamreel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNames = 10'000;

// The extension alone makes no name near: all clips of a folder end in .mp4.
bool is_near(const std::string& a, const std::string& b) {
  constexpr std::size_t kLongestStem = 128;
  if (a.size() > kLongestStem || b.size() > kLongestStem) return false;
  return edit_distance(a, b) * 3 <= std::max(a.size(), b.size()) ||
         (std::min(a.size(), b.size()) > 2 &&
          (a.find(b) != std::string::npos || b.find(a) != std::string::npos));
}

std::vector<std::string> near_names(const fs::path& folder, const fs::path& name) {
  std::vector<std::string> names;
  std::error_code failed;
  std::size_t seen = 0;
  for (fs::directory_iterator entry(folder, failed);
       !failed && entry != fs::directory_iterator() && seen < kMostNames; entry.increment(failed), ++seen) {
    const fs::path other = entry->path().filename();
    if (!other.string().starts_with('.') && is_near(name.stem().string(), other.stem().string()))
      names.push_back(other.string());
  }
  std::ranges::sort(names);  // folders have no order of their own
  return names;
}

}  // namespace

std::string similar_files(const fs::path& missing) {
  const fs::path folder = missing.parent_path(), name = missing.filename();
  if (name.empty()) return "";
  return did_you_mean(name.string(), near_names(folder.empty() ? fs::path(".") : folder, name));
}

}  // namespace dreamreel
