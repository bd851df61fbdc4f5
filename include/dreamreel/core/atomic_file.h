// Files that appear under their final name only when they are whole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dreamreel {

/// A name beside a final name, removed on destruction unless commit() was called. POSIX rename() makes the
/// change atomic; the file and its folder are synced first, so a power cut leaves either the old file or the
/// whole new one.
class PendingFile {
 public:
  /// Reserves the name ".<stem>.<host>-<pid>.part<extension>" in the folder of `final_path`: two machines that write
  /// one file never share it, and encoders choose by the extension. The folder is created if missing. Throws IoError
  /// if the folder cannot be made or written.
  explicit PendingFile(std::filesystem::path final_path);
  ~PendingFile();
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }              ///< write here
  const std::filesystem::path& final_path() const { return final_path_; }  ///< where commit() moves it

  /// Syncs and renames. Throws IoError; the unfinished file is then removed by the destructor.
  void commit();
  /// The same without syncing.
  void commit_unsynced();

 private:
  void rename_into_place();

  std::filesystem::path final_path_;
  std::filesystem::path path_;
};

/// Removes what a killed process left beside `final_path` where a PendingFile would have become it. Only for whoever
/// knows that nobody else is writing that file.
void remove_leftovers(const std::filesystem::path& final_path);

/// The final name of a PendingFile's own name, without the folder; "" for any other name.
std::string final_name_of_leftover(const std::string& name);

/// This machine's name, in file names and messages.
std::string host_name();

/// Writes `content` to `path` through a PendingFile. Throws IoError.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same without syncing, for what can be made again: quick, but a power cut may leave a torn file under the name.
void write_file_unsynced(const std::filesystem::path& path, std::string_view content);

}  // namespace dreamreel
