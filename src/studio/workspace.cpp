#include "workspace.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string_view>
#include <system_error>

#include "api_error.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 500, kMostLooked = 20'000;
constexpr int kDeepest = 2;

constexpr std::array<std::string_view, 2> kJobs{".yaml", ".yml"};
constexpr std::array<std::string_view, 10> kPictures{".jpg",  ".jpeg", ".png",  ".webp", ".tif",
                                                     ".tiff", ".bmp",  ".avif", ".gif",  ".apng"};
constexpr std::array<std::string_view, 9> kClips{".mp4", ".mov", ".mkv",  ".webm", ".avi",
                                                 ".m4v", ".mpg", ".mpeg", ".ts"};
constexpr std::array<std::string_view, 7> kSounds{".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac"};

bool is_hidden_or_up(const fs::path& part) {
  const std::string text = part.string();
  return text.empty() || text.starts_with('.');
}

bool begins_with(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

// Errno, 0 on success. Some file systems cannot sync.
int sync(const fs::path& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int failure = fsync(fd) == 0 || errno == EINVAL || errno == ENOSYS ? 0 : errno;
  close(fd);
  return failure;
}

std::int64_t seconds_of(fs::file_time_type time) {
  const auto there = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(there).count();
}

}  // namespace

FileKind kind_of(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto is_one_of = [&](const auto& all) { return std::ranges::find(all, extension) != all.end(); };
  if (is_one_of(kJobs)) return FileKind::job;
  if (is_one_of(kPictures)) return FileKind::picture;
  if (is_one_of(kClips)) return FileKind::clip;
  if (is_one_of(kSounds)) return FileKind::sound;
  return FileKind::other;
}

const char* name_of(FileKind kind) {
  switch (kind) {
    case FileKind::job:
      return "job";
    case FileKind::picture:
      return "picture";
    case FileKind::clip:
      return "clip";
    case FileKind::sound:
      return "sound";
    case FileKind::other:
      break;
  }
  return "other";
}

Workspace::Workspace(const fs::path& folder) {
  std::error_code failed;
  folder_ = fs::canonical(folder, failed);
  if (failed || !fs::is_directory(folder_))
    throw InputError(fmt::format("{}: expected a folder to work in{}", folder.string(),
                                 failed ? ": " + failed.message() : ""));
}

fs::path Workspace::inside(const std::string& name) const {
  const fs::path path(name);
  const bool is_plain = !name.empty() && name.size() < 4096 && name.find('\0') == std::string::npos &&
                        path.is_relative() && std::ranges::none_of(path, is_hidden_or_up);
  if (!is_plain || !holds(folder_ / path))
    throw ApiError(403, printable(name) + ": expected a file of the studio's folder");
  return folder_ / path;
}

bool Workspace::holds(const fs::path& path) const {
  std::error_code failed;
  const fs::path real = fs::weakly_canonical(path, failed);
  return !failed && begins_with(real, folder_);
}

std::string Workspace::name_of(const fs::path& path) const {
  const auto relative = path.lexically_relative(folder_);
  return relative.empty() || *relative.begin() == ".." ? path.filename().string() : relative.string();
}

std::vector<FileEntry> Workspace::list() const {
  std::vector<FileEntry> files;
  std::error_code failed;
  std::size_t looked = 0;
  fs::recursive_directory_iterator at(folder_, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && at != fs::recursive_directory_iterator() && ++looked < kMostLooked;
       at.increment(failed)) {
    const fs::path& path = at->path();
    std::error_code unknown;
    if (at->is_directory(unknown)) {
      const bool is_work = path.extension() == ".work";
      if (is_work || is_hidden_or_up(path.filename()) || at.depth() + 1 >= kDeepest)
        at.disable_recursion_pending();
      continue;
    }
    const auto kind = kind_of(path);
    if (kind == FileKind::other || is_hidden_or_up(path.filename()) || !at->is_regular_file(unknown))
      continue;
    if (!holds(path)) continue;  // a link to elsewhere
    files.push_back({name_of(path), kind, at->file_size(unknown), seconds_of(at->last_write_time(unknown))});
  }
  std::ranges::sort(files, [](const auto& a, const auto& b) {
    return a.changed != b.changed ? a.changed > b.changed : a.name < b.name;
  });
  if (files.size() > kMostFiles) files.resize(kMostFiles);
  return files;
}

fs::path Workspace::new_file(const std::string& name) const {
  const fs::path plain = fs::path(name).filename();
  if (plain != fs::path(name) || is_hidden_or_up(plain) || plain.string().size() > 200 ||
      has_control_characters(name) || kind_of(plain) == FileKind::other)
    throw ApiError(400, printable(name) + ": expected the name of a job, picture, clip or sound");
  return free_file(folder_, plain.stem().string(), plain.extension().string());
}

fs::path Workspace::free_file(const fs::path& folder, const std::string& stem, const std::string& ending) {
  fs::path path = folder / (stem + ending);
  std::error_code failed;
  for (int i = 2; fs::exists(fs::symlink_status(path, failed)); ++i)
    path = folder / fmt::format("{}-{}{}", stem, i, ending);
  return path;
}

// A link, unlike a rename, never replaces a file. Some file systems have no links: there, files of this
// program at least wait for each other.
fs::path Workspace::keep_new(const fs::path& part, const std::string& name) const {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  int failure = sync(part);
  while (failure == 0) {
    fs::path path = new_file(name);
    failure = link(part.c_str(), path.c_str()) == 0 ? 0 : errno;
    if (failure == EEXIST) {  // another program was quicker
      failure = 0;
      continue;
    }
    if (failure == EPERM || failure == EOPNOTSUPP || failure == ENOSYS || failure == EMLINK)
      failure = std::rename(part.c_str(), path.c_str()) == 0 ? 0 : errno;
    if (failure != 0) break;
    sync_folder(folder_);
    return path;
  }
  throw ApiError(
      507, fmt::format("{}: cannot be kept in the folder: {}", printable(name), std::strerror(failure)));
}

}  // namespace dreamreel::studio
