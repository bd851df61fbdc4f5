#include "dreamreel/core/list_folder.h"

#include <fmt/core.h>

#include "dreamreel/core/error.h"

namespace dreamreel {
namespace {

namespace fs = std::filesystem;

// A range-based `for` would throw where going on to the next entry fails.
std::vector<fs::directory_entry> list_until(const fs::path& folder, std::error_code& failed) {
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(folder, failed); !failed && at != fs::directory_iterator();
       at.increment(failed))
    entries.push_back(*at);
  return entries;
}

}  // namespace

std::vector<fs::directory_entry> list_entries(const fs::path& folder) {
  std::error_code ignored;
  return list_until(folder, ignored);
}

std::vector<fs::path> list_folder(const fs::path& folder) {
  const auto entries = list_entries(folder);
  return {entries.begin(), entries.end()};
}

std::vector<fs::path> list_files(const fs::path& folder, std::error_code& failed) {
  const auto entries = list_until(folder, failed);
  std::vector<fs::path> files(entries.begin(), entries.end());
  if (failed == std::errc::no_such_file_or_directory || failed == std::errc::not_a_directory) failed.clear();
  std::erase_if(files, [](const fs::path& path) {
    std::error_code unknown;
    const auto type = fs::symlink_status(path, unknown).type();
    return type != fs::file_type::regular && type != fs::file_type::none;  // none: it cannot be told
  });
  return files;
}

std::vector<fs::path> list_files(const fs::path& folder) {
  std::error_code failed;
  auto files = list_files(folder, failed);
  if (failed) throw IoError(fmt::format("cannot list {}: {}", folder.string(), failed.message()));
  return files;
}

}  // namespace dreamreel
