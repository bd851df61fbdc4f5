#include "dreamreel/core/list_folder.h"

#include <system_error>

namespace dreamreel {

// A range-based `for` would throw where going on to the next entry fails.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed);
       !failed && at != std::filesystem::directory_iterator(); at.increment(failed))
    paths.push_back(at->path());
  return paths;
}

std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder) {
  auto files = list_folder(folder);
  std::erase_if(files, [](const auto& path) {
    std::error_code unknown;
    return std::filesystem::symlink_status(path, unknown).type() != std::filesystem::file_type::regular;
  });
  return files;
}

}  // namespace dreamreel
