#include "dreamreel/job/load_options.h"

#include <algorithm>
#include <system_error>

#include "dreamreel/core/cache_folder.h"
#include "dreamreel/core/environment.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

void append_folders(std::vector<fs::path>& folders, const std::string& list) {
  for (std::size_t begin = 0; begin < list.size();) {
    const auto end = std::min(list.find(':', begin), list.size());
    if (end > begin) folders.push_back(fs::absolute(list.substr(begin, end - begin)));
    begin = end + 1;
  }
}

}  // namespace

LoadOptions default_load_options() {
  LoadOptions options;
  append_folders(options.card_folders, environment("DREAMREEL_CARDS"));
  std::error_code unreadable;
  const auto program = fs::read_symlink("/proc/self/exe", unreadable);
  if (!unreadable)
    options.card_folders.push_back(program.parent_path().parent_path() / DREAMREEL_INSTALLED_CARDS);
  options.card_folders.emplace_back(DREAMREEL_SOURCE_CARDS);

  append_folders(options.look_folders, environment("DREAMREEL_LOOKS"));
  if (!unreadable)
    options.job_folders.push_back(program.parent_path().parent_path() / DREAMREEL_INSTALLED_JOBS);
  options.job_folders.emplace_back(DREAMREEL_SOURCE_JOBS);
  for (const auto& folder : options.job_folders) options.look_folders.push_back(folder / "looks");

  append_folders(options.network_folders, environment("DREAMREEL_NETWORKS"));
  if (const auto cache = cache_folder()) options.network_folders.push_back(*cache / "networks");
  return options;
}

}  // namespace dreamreel::job
