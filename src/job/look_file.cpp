#include "look_file.h"

#include <fmt/core.h>

#include "dreamreel/core/suggest.h"
#include "dreamreel/job/looks.h"
#include "words.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of_looks(const LoadOptions& options) {
  std::vector<std::string> names;
  for (const auto& look : list_looks(options)) names.push_back(look.name);
  return names;
}

}  // namespace

std::optional<fs::path> look_file(const std::string& name, const LoadOptions& options) {
  if (name.empty() || name.find('/') != std::string::npos || name.find('\0') != std::string::npos) return {};
  for (const auto* const folders : {&options.look_folders, &options.job_folders})
    for (const auto& folder : *folders)
      if (const fs::path file = folder / (name + ".yaml"); is_file(file)) return file;
  return {};
}

std::string expected_look(const std::string& name, const LoadOptions& options) {
  const auto names = names_of_looks(options);
  const std::string near = did_you_mean(name, names);
  const std::string all = names.empty() ? "; there are no looks where they are looked for"
                                        : "; the looks are " + join_names(names);
  return fmt::format("expected the name of a look or a path to a job file, got {}{}", in_quotes(name),
                     near.empty() ? all : near);
}

}  // namespace dreamreel::job
