#include "dreamreel/core/atomic_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/file_names.h"
#include "dreamreel/core/list_folder.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/process_space.h"

namespace dreamreel {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMark = ".part";
constexpr std::size_t kTagRoom = 64;       // bytes for ".<place>-<process>-<random>" on any machine
constexpr std::size_t kLongestPlace = 40;  // letters of the place
constexpr std::size_t kRandomLetters = 8;  // length of a random_word()
constexpr int kMostTries = 100;

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::string reason_of(int failure) {
  return std::strerror(failure);
}

// Whether the error means that the file system cannot sync at all, rather than that syncing failed.
bool cannot_sync(int failure) {
  return failure == EINVAL || failure == ENOSYS || failure == EOPNOTSUPP || failure == ENOTTY;
}

// Opens, fsyncs and closes a file or folder; returns errno, 0 on success.
int sync_path(const fs::path& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return errno;
  const int failure = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  return failure;
}

void warn_unsynced(const fs::path& folder, int failure) {
  log_warning_once(fmt::format(
      "the file system of {} cannot sync ({}): after a power cut, what was written last may be missing there",
      folder.string(), reason_of(failure)));
}

std::string stem_of(const std::string& name) {
  return fs::path(name).stem().string();
}

std::string extension_of(const std::string& name) {
  return fs::path(name).extension().string();
}

// The machine's name, for people, and the word for the space in which the process number counts.
std::string place() {
  const std::string space = process_space();
  if (space.empty()) return host_name().substr(0, kLongestPlace);
  return host_name().substr(0, kLongestPlace - 1 - space.size()) + "_" + space;
}

std::string tag() {
  return fmt::format("{}-{}-{}", place(), getpid(), random_word());
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// "<place>-<process>-<random>". Earlier versions wrote no random part, and the host's name as the place.
bool is_tag(const std::string& text) {
  const auto dash = text.find('-');
  if (dash == std::string::npos || dash == 0) return false;
  const auto second = text.find('-', dash + 1);
  if (second == std::string::npos) return is_number(text.substr(dash + 1));
  const std::string word = text.substr(second + 1);
  return is_number(text.substr(dash + 1, second - dash - 1)) && word.size() == kRandomLetters &&
         std::ranges::all_of(word, [](unsigned char c) { return std::isalnum(c) != 0; });
}

// The final name, if `name` is the name of a pending file with the extension `extension`.
std::string final_name(const std::string& name, const std::string& extension) {
  std::string rest = name.substr(0, name.size() - extension.size());
  if (!rest.starts_with('.') || !rest.ends_with(kMark)) return "";
  rest.resize(rest.size() - kMark.size());
  const auto dot = rest.rfind('.');
  if (dot == 0 || dot == std::string::npos || !is_tag(rest.substr(dot + 1))) return "";
  return rest.substr(1, dot - 1) + extension;
}

// Creates a file, and fails if it exists already. Returns errno, 0 on success.
int make_file(const fs::path& path) {
  const int fd = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

}  // namespace

PendingFile::PendingFile(fs::path final_path) : final_path_(std::move(final_path)) {
  const fs::path folder = folder_of(final_path_);
  std::error_code error;
  const auto there = fs::status(final_path_, error);
  if (error.value() == ENAMETOOLONG)
    throw IoError(
        fmt::format("cannot write {}: the name is too long for {}", final_path_.string(), folder.string()));
  if (fs::is_directory(there))
    throw IoError(fmt::format("cannot write {}: it is a folder", final_path_.string()));
  const std::string name = name_in_leftover(final_path_.filename().string(), folder);
  int failure = ENOENT;
  // The folder may vanish meanwhile: another process that ends removes the folder that it made, if it is
  // empty.
  for (int tries = 0; tries < kMostTries && (failure == ENOENT || failure == EEXIST); ++tries) {
    make_folders(folder);
    path_ = folder / fmt::format(".{}.{}{}{}", stem_of(name), tag(), kMark, extension_of(name));
    failure = make_file(path_);
  }
  if (failure == 0) return;
  path_.clear();
  throw IoError(fmt::format("cannot write {}: {}", final_path_.string(), reason_of(failure)));
}

PendingFile::~PendingFile() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : final_path_(std::move(other.final_path_)), path_(std::exchange(other.path_, {})) {}

void PendingFile::commit() {
  if (const int failure = sync_path(path_, O_RDONLY); cannot_sync(failure))
    warn_unsynced(folder_of(final_path_), failure);
  else if (failure != 0)
    throw IoError(fmt::format("cannot write {}: {}", final_path_.string(), reason_of(failure)));
  rename_into_place();
  sync_folder(folder_of(final_path_));
}

void PendingFile::commit_unsynced() {
  rename_into_place();
}

void PendingFile::rename_into_place() {
  std::error_code error;
  fs::rename(path_, final_path_, error);
  if (error)
    throw IoError(
        fmt::format("cannot rename {} to {}: {}", path_.string(), final_path_.string(), error.message()));
  path_.clear();
}

std::vector<fs::path> make_folders(const fs::path& folder) {
  std::vector<fs::path> made;
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return made;
  const fs::path above = folder_of(folder);
  bool is_new = false;
  // The folder above may vanish meanwhile: the process that made it removes it when it ends.
  for (int tries = 0; tries < kMostTries; ++tries) {
    if (above != folder)
      for (const auto& new_one : make_folders(above)) made.push_back(new_one);
    is_new = fs::create_directory(folder, error);
    if (error != std::errc::no_such_file_or_directory) break;
  }
  if (error) throw IoError(fmt::format("cannot create the folder {}: {}", folder.string(), error.message()));
  if (!is_new) return made;
  made.push_back(folder);
  sync_folder(above);
  return made;
}

void sync_folder(const fs::path& folder) {
  const int failure = sync_path(folder, O_RDONLY | O_DIRECTORY);
  if (failure == 0) return;
  // These errors lose nothing. Some folders take files, but their list may not be read. On a read-only file
  // system, nothing waits to be synced.
  if (cannot_sync(failure) || failure == EACCES || failure == EPERM || failure == EROFS)
    return warn_unsynced(folder, failure);
  throw IoError(fmt::format("cannot write into the folder {}: {}", folder.string(), reason_of(failure)));
}

std::string name_in_leftover(const std::string& final_name, const fs::path& folder) {
  return shortened_name(final_name, longest_name(folder) - 2 - kMark.size() - kTagRoom);
}

std::string final_name_of_leftover(const std::string& name) {
  const std::string extension = extension_of(name);
  // The final name may itself end in ".part".
  if (extension != kMark) return final_name(name, extension);
  const std::string without = final_name(name, "");
  return without.empty() ? final_name(name, extension) : without;
}

namespace {

// Lists the whole folder before anything is removed, because removing files may disturb the listing.
std::vector<fs::path> leftovers_of(const fs::path& final_path) {
  const fs::path folder = folder_of(final_path);
  const std::string wanted = name_in_leftover(final_path.filename().string(), folder);
  std::vector<fs::path> found;
  for (const auto& path : list_folder(folder))
    if (final_name_of_leftover(path.filename().string()) == wanted) found.push_back(path);
  return found;
}

// Whether the process that wrote this PendingFile has ended. Its process number tells this only in our own
// space: not on another machine, not in another container, and not from before this machine was last started.
bool is_of_the_dead(const fs::path& leftover) {
  const std::string name = leftover.filename().string();
  if (process_space().empty()) return false;
  const std::string before = "." + place() + "-";
  const auto mark = name.rfind(kMark), at = name.rfind(before, mark);
  if (mark == std::string::npos || at == std::string::npos) return false;
  const auto begin = at + before.size();
  const std::string process = name.substr(begin, name.find('-', begin) - begin);
  constexpr std::size_t kMostDigits = 9;
  return is_number(process) && process.size() <= kMostDigits && std::stol(process) > 0 &&
         kill(static_cast<pid_t>(std::stol(process)), 0) != 0 && errno == ESRCH;
}

}  // namespace

void remove_leftovers(const fs::path& final_path) {
  std::error_code error;
  for (const auto& path : leftovers_of(final_path)) fs::remove(path, error);
}

void remove_leftovers_of_the_dead(const fs::path& final_path) {
  std::error_code error;
  for (const auto& path : leftovers_of(final_path))
    if (is_of_the_dead(path)) fs::remove(path, error);
}

namespace {

void fill(const PendingFile& pending, std::string_view content) {
  errno = 0;
  std::ofstream out(pending.path(), std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out)
    throw IoError(fmt::format("cannot write {}: {}", pending.final_path().string(),
                              reason_of(errno == 0 ? EIO : errno)));
}

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view content) {
  PendingFile pending(path);
  fill(pending, content);
  pending.commit();
}

void write_file_unsynced(const fs::path& path, std::string_view content) {
  PendingFile pending(path);
  fill(pending, content);
  pending.commit_unsynced();
}

}  // namespace dreamreel
