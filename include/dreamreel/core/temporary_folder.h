// Folders for temporary files.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel {

/// The folder that the first of TMPDIR, TMP, TEMP and TEMPDIR with a value names, or else /tmp. Throws
/// IoError if it is no folder.
std::filesystem::path folder_for_temporary_files();

/// Lies in the system's folder for temporary files. The destructor removes it with everything inside.
class TemporaryFolder {
 public:
  /// Called `<name>-` and six random letters. Throws IoError.
  explicit TemporaryFolder(const std::string& name);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::string& file) const { return path_ / file; }

 private:
  std::filesystem::path path_;
};

}  // namespace dreamreel
