#include "dreamreel/core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "dreamreel/core/error.h"

namespace dreamreel {
namespace fs = std::filesystem;
namespace {

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

constexpr std::string_view kMark = ".part";

// Opens, fsyncs and closes a file or folder; returns errno, 0 on success.
int sync_path(const fs::path& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return errno;
  const int failure = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  return failure == EINVAL ? 0 : failure;  // some file systems cannot sync a folder
}

}  // namespace

PendingFile::PendingFile(fs::path final_path) : final_path_(std::move(final_path)) {
  const fs::path folder = folder_of(final_path_);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw IoError("cannot create the folder " + folder.string() + ": " + error.message());
  if (fs::is_directory(final_path_, error))
    throw IoError("cannot write " + final_path_.string() + ": it is a folder");
  path_ = folder / ("." + final_path_.stem().string() + "." + host_name() + "-" + std::to_string(getpid()) +
                    std::string(kMark) + final_path_.extension().string());
  const int fd = open(path_.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    const std::string reason = std::strerror(errno);
    path_.clear();
    throw IoError("cannot write " + final_path_.string() + ": " + reason);
  }
  close(fd);
}

PendingFile::~PendingFile() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : final_path_(std::move(other.final_path_)), path_(std::exchange(other.path_, {})) {}

void PendingFile::commit() {
  if (const int failure = sync_path(path_, O_RDONLY); failure != 0)
    throw IoError("cannot write " + final_path_.string() + ": " + std::strerror(failure));
  rename_into_place();
  sync_path(folder_of(final_path_), O_RDONLY | O_DIRECTORY);
}

void PendingFile::commit_unsynced() {
  rename_into_place();
}

void PendingFile::rename_into_place() {
  std::error_code error;
  fs::rename(path_, final_path_, error);
  if (error)
    throw IoError("cannot rename " + path_.string() + " to " + final_path_.string() + ": " + error.message());
  path_.clear();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  std::string text = name.data();
  // One word without dots or dashes, so that names can be taken apart again.
  for (char& c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return text;
}

std::string final_name_of_leftover(const std::string& name) {
  const fs::path path(name);
  const std::string extension = path.extension() == kMark ? "" : path.extension().string();
  std::string rest = name.substr(0, name.size() - extension.size());
  if (!rest.starts_with('.') || !rest.ends_with(kMark)) return "";
  rest.resize(rest.size() - kMark.size());
  const auto dash = rest.rfind('-'), dot = rest.rfind('.');
  if (dash == std::string::npos || dot == 0 || dot > dash) return "";
  const std::string pid = rest.substr(dash + 1);
  if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) return "";
  return rest.substr(1, dot - 1) + extension;
}

void remove_leftovers(const fs::path& final_path) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_of(final_path), error)) {
    std::error_code ignored;
    if (final_name_of_leftover(entry.path().filename().string()) == final_path.filename().string())
      fs::remove(entry.path(), ignored);
  }
}

namespace {

void fill(const PendingFile& pending, std::string_view content) {
  std::ofstream out(pending.path(), std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw IoError("cannot write " + pending.final_path().string() + ": " + std::strerror(errno));
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
