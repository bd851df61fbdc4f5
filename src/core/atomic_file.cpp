#include "dreamreel/core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

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
  path_ = folder / ("." + final_path_.stem().string() + "." + std::to_string(getpid()) + ".part" +
                    final_path_.extension().string());
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
  std::error_code error;
  fs::rename(path_, final_path_, error);
  if (error)
    throw IoError("cannot rename " + path_.string() + " to " + final_path_.string() + ": " + error.message());
  path_.clear();
  sync_path(folder_of(final_path_), O_RDONLY | O_DIRECTORY);
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  PendingFile pending(path);
  std::ofstream out(pending.path(), std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw IoError("cannot write " + path.string() + ": " + std::strerror(errno));
  pending.commit();
}

}  // namespace dreamreel
