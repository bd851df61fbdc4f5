// The folder that the studio works in: names that a page gives become paths inside of it, or are refused.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::studio {

/// What the page offers to do with a file, by its extension.
enum class FileKind { job, picture, clip, sound, other };
FileKind kind_of(const std::filesystem::path& path);
const char* name_of(FileKind kind);

struct FileEntry {
  std::string name;  ///< relative to the folder
  FileKind kind = FileKind::other;
  std::uintmax_t bytes = 0;
  std::int64_t changed = 0;  ///< seconds since 1970
};

/// Any thread.
class Workspace {
 public:
  /// Throws InputError unless it is a folder.
  explicit Workspace(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  /// The file's path. Throws ApiError (403) for a name that leads outside, through links too, is absolute
  /// or hidden.
  std::filesystem::path inside(const std::string& name) const;
  /// Whether a path lies within, through links too. It need not exist.
  bool holds(const std::filesystem::path& path) const;
  /// Relative to the folder; its file name alone where it lies outside.
  std::string name_of(const std::filesystem::path& path) const;
  /// Jobs and media in the folder and the folders in it, the latest first; at most some hundreds.
  std::vector<FileEntry> list() const;
  /// A path in the folder that nothing stands at, for a file that is called `name` where it comes from.
  /// Throws ApiError (400) for a name that is no media's or job's.
  std::filesystem::path new_file(const std::string& name) const;
  /// "folder/stem.yaml", or with a number behind the stem where that is taken ("folder/stem-2.yaml").
  static std::filesystem::path free_file(const std::filesystem::path& folder, const std::string& stem,
                                         const std::string& ending);
  /// Gives a whole file of the folder a name as new_file() has it, and returns its path. Two files of one
  /// name may arrive at once; each gets a path of its own, because the name is taken only now. `part` may
  /// remain as a second name of the same file. Throws ApiError (400) as new_file() does, and ApiError (507).
  std::filesystem::path keep_new(const std::filesystem::path& part, const std::string& name) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace dreamreel::studio
