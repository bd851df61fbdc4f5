#include "dreamreel/core/temporary_folder.h"

#include <fmt/core.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <cerrno>
#include <cstring>
#include <system_error>

#include "dreamreel/core/error.h"

namespace dreamreel {
namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(const std::string& name) {
  std::error_code failed;
  const fs::path parent = fs::temp_directory_path(failed);
  if (failed)
    throw IoError(
        "there is no folder for temporary files: the first of TMPDIR, TMP, TEMP and TEMPDIR that is set, or "
        "else /tmp, names no folder; set TMPDIR to one that is there");
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
