// Files that appear under their final name only when they are whole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dreamreel {

/// A name beside a final name, removed on destruction unless commit() was called. POSIX rename() makes the
/// change atomic; the file and its folder are synced, so a power cut leaves either the old file or the
/// whole new one, and what commit() has promised stays.
class PendingFile {
 public:
  /// Makes the empty file ".<stem>.<place>-<process>-<random>.part<extension>" in the folder of `final_path`.
  /// Two processes that write one file never share it, even where their machines have one name; encoders
  /// choose by the extension. A stem that would make the name too long is shortened. The folder is created if
  /// missing. Throws IoError if the folder cannot be made or written, or takes no file of the final name.
  explicit PendingFile(std::filesystem::path final_path);
  ~PendingFile();
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }              ///< write here
  const std::filesystem::path& final_path() const { return final_path_; }  ///< where commit() moves it

  /// Syncs and renames. Throws IoError; the unfinished file is then removed by the destructor. If the folder
  /// alone could not be synced, the whole file is there already, and only a power cut could still undo that.
  void commit();
  /// The same without syncing.
  void commit_unsynced();

 private:
  void rename_into_place();

  std::filesystem::path final_path_;
  std::filesystem::path path_;
};

/// Removes what a killed process left beside `final_path` where a PendingFile would have become it. Only for
/// the one who knows that nobody else is writing that file.
void remove_leftovers(const std::filesystem::path& final_path);
/// The same where others may be writing that file: only what processes left that are surely gone. Those of another machine or
/// container, and those from before this machine was started, stay.
void remove_leftovers_of_the_dead(const std::filesystem::path& final_path);

/// The final name of a PendingFile's own name, without the folder; "" for any other name. Where the name
/// would have been too long it is a shortened one: compare it with name_in_leftover().
std::string final_name_of_leftover(const std::string& name);
/// What final_name_of_leftover() gives for every PendingFile of a final name (without its folder) in
/// `folder`.
std::string name_in_leftover(const std::string& final_name, const std::filesystem::path& folder);

/// Makes a folder and all above it, each synced into the one that holds it. Returns those that were not
/// there, in the order in which they were made. Throws IoError.
std::vector<std::filesystem::path> make_folders(const std::filesystem::path& folder);

/// Makes what was renamed, made or removed in a folder survive a power cut. A file system that cannot do that
/// is no failure; a warning says so once. Throws IoError.
void sync_folder(const std::filesystem::path& folder);

/// Writes `content` to `path` through a PendingFile. Throws IoError.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same without syncing, for what can be made again: quick, but a power cut may leave a torn file under
/// the name.
void write_file_unsynced(const std::filesystem::path& path, std::string_view content);

}  // namespace dreamreel
