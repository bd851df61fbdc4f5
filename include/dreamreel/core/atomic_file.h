// Files that appear under their final name only when they are whole.
#pragma once

#include <filesystem>
#include <string_view>

namespace dreamreel {

/// A name beside a final name, removed on destruction unless commit() was called. POSIX rename() makes the
/// change atomic; the file and its folder are synced first, so a power cut leaves either the old file or the
/// whole new one.
class PendingFile {
 public:
  /// Reserves a name in the folder of `final_path`; the extension is kept, because encoders choose by it. The
  /// folder is created if missing. Throws IoError if the folder cannot be made or written.
  explicit PendingFile(std::filesystem::path final_path);
  ~PendingFile();
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }              ///< write here
  const std::filesystem::path& final_path() const { return final_path_; }  ///< where commit() moves it

  /// Syncs and renames. Throws IoError; the unfinished file is then removed by the destructor.
  void commit();

 private:
  std::filesystem::path final_path_;
  std::filesystem::path path_;
};

/// Writes `content` to `path` through a PendingFile. Throws IoError.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace dreamreel
