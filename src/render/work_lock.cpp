#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <thread>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/render/work_folder.h"

namespace dreamreel::render {
namespace fs = std::filesystem;
namespace {

constexpr auto kSignOfLifeEvery = std::chrono::seconds(10);
constexpr double kDeadAfterSeconds = 60;  // of another machine's holder that gives no sign of life

std::string read_all(int fd) {
  std::array<char, 512> text{};
  const ssize_t length = pread(fd, text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(0, length))};
}

struct Holder {
  std::string host;
  std::string pid;
};

Holder holder_of(int fd) {
  const std::string text = read_all(fd);
  const auto space = text.find(' ');
  if (space == std::string::npos) return {};
  return {text.substr(0, space), text.substr(space + 1, text.find('\n') - space - 1)};
}

bool is_still_there(int fd, const fs::path& path) {
  struct stat mine {
  }, theirs{};
  return fstat(fd, &mine) == 0 && stat(path.c_str(), &theirs) == 0 && mine.st_ino == theirs.st_ino &&
         mine.st_dev == theirs.st_dev;
}

}  // namespace

struct WorkLock::Impl {
  fs::path path;
  int fd = -1;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::jthread alive;

  void take(const std::string& what);
  void refuse_if_alive_elsewhere(const std::string& what) const;
  [[noreturn]] void refuse(const Holder& holder, const std::string& what) const;
  void sign();
};

void WorkLock::Impl::refuse(const Holder& holder, const std::string& what) const {
  throw Interrupted(what + " is being worked on by process " + (holder.pid.empty() ? "?" : holder.pid) +
                    " on " + (holder.host.empty() ? "this machine" : holder.host) + " (" + path.string() +
                    "); wait for it or stop it, then run this again");
}

// The kernel gives back the lock of a process that died here. Where machines share a folder but no locks, a file that was
// touched a moment ago still has a living holder.
void WorkLock::Impl::refuse_if_alive_elsewhere(const std::string& what) const {
  const Holder holder = holder_of(fd);
  if (holder.host.empty()) return;
  if (holder.host != host_name()) {
    struct stat file {};
    const double age = fstat(fd, &file) == 0 ? std::difftime(std::time(nullptr), file.st_mtime) : 0;
    if (age < kDeadAfterSeconds) refuse(holder, what);
  }
  log_info(what + ": taken over from process " + holder.pid + " on " + holder.host + ", which is gone");
}

void WorkLock::Impl::take(const std::string& what) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error)
    throw IoError("cannot create the folder " + path.parent_path().string() + ": " + error.message());
  for (;;) {
    fd = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) throw IoError("cannot write " + path.string() + ": " + std::strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) refuse(holder_of(fd), what);
    if (is_still_there(fd, path)) break;
    close(fd);  // the one who had it removed it with the work that is done
    fs::create_directories(path.parent_path(), error);
  }
  refuse_if_alive_elsewhere(what);
  sign();
}

void WorkLock::Impl::sign() {
  const std::string text = host_name() + " " + std::to_string(getpid()) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw IoError("cannot write " + path.string() + ": " + std::strerror(errno));
}

WorkLock::WorkLock(const fs::path& path, const std::string& what) : impl_(std::make_unique<Impl>()) {
  impl_->path = path;
  try {
    impl_->take(what);
  } catch (...) {
    if (impl_->fd >= 0) close(impl_->fd);
    throw;
  }
  impl_->alive = std::jthread([impl = impl_.get()](const std::stop_token& stop) {
    std::unique_lock lock(impl->mutex);
    while (!impl->wake.wait_for(lock, stop, kSignOfLifeEvery, [&] { return stop.stop_requested(); }))
      futimens(impl->fd, nullptr);
  });
}

WorkLock::~WorkLock() {
  impl_->alive.request_stop();
  impl_->alive.join();
  if (is_still_there(impl_->fd, impl_->path)) unlink(impl_->path.c_str());
  close(impl_->fd);
}

}  // namespace dreamreel::render
