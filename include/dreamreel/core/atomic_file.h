// Makes files appear under their final names only when they are whole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dreamreel {

/// A file beside its final name. The destructor removes it, unless commit() was called. POSIX rename() makes
/// the change atomic. The file and its folder are synced, so a power cut leaves either the old file or the
/// whole new file. Once commit() has returned, the new file stays.
class PendingFile {
 public:
  /// Makes the empty file ".<stem>.<place>-<process>-<random>.part<extension>" in the folder of `final_path`.
  /// Two processes that write one file never share it, even if their machines have the same name. The
  /// extension stays last, because encoders choose by it. A stem that would make the name too long is
  /// shortened. The folder is created if missing. Throws IoError if the folder cannot be made or written, or
  /// takes no file of the final name.
  explicit PendingFile(std::filesystem::path final_path);
  ~PendingFile();
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }  ///< the name to write to
  /// The name that commit() gives the file.
  const std::filesystem::path& final_path() const { return final_path_; }

  /// Syncs and renames. Throws IoError; the destructor then removes the unfinished file. If only the folder
  /// could not be synced, the whole file exists already, and only a power cut could still undo that.
  void commit();
  /// The same without syncing.
  void commit_unsynced();

 private:
  void rename_into_place();

  std::filesystem::path final_path_;
  std::filesystem::path path_;
};

/// Removes the unfinished files of `final_path` that killed processes left. Call it only if nobody else is
/// writing that file.
void remove_leftovers(const std::filesystem::path& final_path);
/// The same while other processes may be writing that file. Removes only files of processes that have surely
/// ended. Files of another machine or container stay, and so do files from before the last start of this
/// machine.
void remove_leftovers_of_the_dead(const std::filesystem::path& final_path);

/// The final name that belongs to a PendingFile's own name, without the folder. "" for any other name. If the
/// name would have been too long, the result is shortened: compare it with name_in_leftover().
std::string final_name_of_leftover(const std::string& name);
/// The result of final_name_of_leftover() for every PendingFile of a final name (without its folder) in
/// `folder`.
std::string name_in_leftover(const std::string& final_name, const std::filesystem::path& folder);

/// Makes a folder and all folders above it. Each is synced into the folder that holds it. Returns the new
/// folders, in the order in which they were made. Throws IoError.
std::vector<std::filesystem::path> make_folders(const std::filesystem::path& folder);

/// Makes the changes of a folder's list survive a power cut: files renamed, made or removed. A file system
/// that cannot sync is no failure; a warning says so once. Throws IoError.
void sync_folder(const std::filesystem::path& folder);

/// Writes `content` to `path` through a PendingFile. Throws IoError.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same without syncing, for files that can be made again. It is quick, but a power cut may leave a torn
/// file under the name.
void write_file_unsynced(const std::filesystem::path& path, std::string_view content);

}  // namespace dreamreel
