#include "dreamreel/core/temporary_folder.h"

#include <fmt/core.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <cerrno>
#include <cstring>
#include <system_error>

#include "dreamreel/core/environment.h"
#include "dreamreel/core/error.h"

namespace dreamreel {
namespace fs = std::filesystem;

// Unlike the standard library's, an empty variable counts as one that is not set.
fs::path folder_for_temporary_files() {
  fs::path folder = "/tmp";
  std::string named_by = "no variable names another";
  for (const char* const name : {"TMPDIR", "TMP", "TEMP", "TEMPDIR"}) {
    const auto value = environment(name);
    if (value.empty()) continue;
    folder = value;
    named_by = fmt::format("{} names it", name);
    break;
  }
  std::error_code failed;
  if (!fs::is_directory(folder, failed))
    throw IoError(
        fmt::format("the folder for temporary files, {}, is not there ({}); set TMPDIR to one that is there",
                    folder.string(), named_by));
  return folder;
}

TemporaryFolder::TemporaryFolder(const std::string& name) {
  const fs::path parent = folder_for_temporary_files();
  std::string path = (parent / (name + "-XXXXXX")).string();
  if (mkdtemp(path.data()) == nullptr)
    throw IoError(fmt::format(
        "cannot make a folder for temporary files in {}: {}; set TMPDIR to a folder that can be written",
        parent.string(), std::strerror(errno)));
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace dreamreel
