#include "dreamreel/work/work_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/stopping.h"
#include "lock_file.h"

namespace dreamreel::work {
namespace fs = std::filesystem;
namespace {

constexpr int kMostTries = 100;
constexpr const char* kInterrupted = "interrupted while waiting for a sign of life";

[[noreturn]] void refuse(const Signature& holder, const std::string& what, const fs::path& path) {
  throw Interrupted(fmt::format(
      "{} is being worked on by process {} on {} ({}); wait for it or stop it, then run this again", what,
      holder.pid.empty() ? "?" : holder.pid, holder.host.empty() ? "this machine" : holder.host,
      path.string()));
}

Signature signature_in(const LockContent& content, const fs::path& path) {
  if (const auto found = signature_from(content.text)) return *found;
  throw IoError(path.string() + " is no lock of dreamreel's; move it away");
}

// Watches the lock file for longer than a living holder leaves it unchanged. Returns whether the file
// changed.
bool gives_sign_of_life(const fs::path& path, const LockContent& first, const std::atomic<bool>* stop,
                        const LockTimes& times) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + times.dead_after;
  while (Clock::now() < end) {
    throw_if_stopped(stop, kInterrupted);
    std::this_thread::sleep_for(times.look);
    const auto now = read_lock(path);
    if (!now || *now != first) return true;
  }
  return false;
}

// Whether the holder who wrote `content` is dead. `kernel` is the kernel's answer about its lock.
bool is_dead(const LockContent& content, KernelLock kernel, const fs::path& path,
             const std::atomic<bool>* stop, const LockTimes& times) {
  const Signature holder = signature_in(content, path);
  const bool is_empty = holder.pid.empty();
  // On the same machine, the kernel decides. A file that is empty while we hold its lock has no living holder
  // either.
  if (kernel == KernelLock::ours && (is_empty || holder.is_of_this_machine())) return true;
  if (holder.is_gone()) return true;
  // A file that changed a moment ago probably changes again, so its holder counts as alive without waiting.
  // An older file is watched.
  const auto age = age_of(content, path.parent_path());
  if (age && *age < std::chrono::duration<double>(times.dead_after).count()) return false;
  log_info(fmt::format("watching for {} s whether process {} on {}, which has {}, is alive",
                       std::chrono::duration_cast<std::chrono::seconds>(times.dead_after).count(),
                       is_empty ? "?" : holder.pid, holder.host.empty() ? "another machine" : holder.host,
                       path.string()));
  return !gives_sign_of_life(path, content, stop, times);
}

}  // namespace

struct WorkLock::Impl {
  Impl(fs::path where, const LockTimes& how) : path(std::move(where)), times(how) {}

  const fs::path path;
  const LockTimes times;
  Signature own = own_signature();
  Descriptor fd;
  KernelLock kernel = KernelLock::ours;
  std::vector<fs::path> made;
  bool removes_folder = false;
  std::atomic<bool> is_lost{false};
  std::atomic<bool> stops{false};  // is_lost, or a stop asked for from outside
  std::mutex mutex;
  std::condition_variable_any wake;
  std::jthread alive;

  void take(const std::string& what, const std::atomic<bool>* stop);
  bool take_once(const std::string& what, const std::atomic<bool>* stop);
  bool take_over(const std::string& what, const std::atomic<bool>* stop);
  void beat();
  void keep_alive(const std::stop_token& asked, const std::atomic<bool>* stop);
  void release() noexcept;
};

// A holder that finishes may remove folders between our steps. Then everything is tried again.
void WorkLock::Impl::take(const std::string& what, const std::atomic<bool>* stop) {
  for (int tries = 0; tries < kMostTries; ++tries)
    if (take_once(what, stop)) return;
  throw IoError(fmt::format("cannot take the lock {}: it vanishes again and again", path.string()));
}

bool WorkLock::Impl::take_once(const std::string& what, const std::atomic<bool>* stop) {
  const auto new_folders = make_folders(path.parent_path());
  made.insert(made.end(), new_folders.begin(), new_folders.end());
  fd = Descriptor(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (fd) return take_over(what, stop);
  if (errno == ELOOP) throw IoError(path.string() + " is a link and no lock of dreamreel's; move it away");
  if (errno != ENOENT)
    throw IoError(fmt::format("cannot open the lock {}: {}", path.string(), std::strerror(errno)));
  if (auto made_now = make_lock(path, own, kernel)) {
    fd = std::move(*made_now);
    return true;
  }
  return false;
}

bool WorkLock::Impl::take_over(const std::string& what, const std::atomic<bool>* stop) {
  kernel = lock_in_kernel(fd.get(), LOCK_EX, path);
  const LockContent content = read_lock(fd.get(), path);
  const Signature holder = signature_in(content, path);
  if (kernel == KernelLock::taken) {
    fd = Descriptor();  // the kernel's lock was never ours
    refuse(holder, what, path);
  }
  if (!is_still_there(fd.get(), path)) return false;  // its holder finished and removed it
  if (!is_dead(content, kernel, path, stop, times)) {
    if (!is_still_there(fd.get(), path)) return false;
    fd = Descriptor();
    refuse(holder, what, path);
  }
  write_lock(fd.get(), own, path);
  if (kernel != KernelLock::ours || !holder.is_of_this_machine()) {
    // Two processes may have watched the same dead holder. The process that signed last has the lock.
    if (!holder.pid.empty()) std::this_thread::sleep_for(times.settle);
    const auto now = read_lock(path);
    const auto winner = now ? signature_from(now->text) : std::nullopt;
    if (!winner || winner->token != own.token) {
      fd = Descriptor();
      refuse(winner.value_or(Signature{}), what, path);
    }
  }
  if (!holder.pid.empty())
    log_info(
        fmt::format("{}: taken over from process {} on {}, which is gone", what, holder.pid, holder.host));
  return true;
}

void WorkLock::Impl::beat() {
  try {
    const auto now = read_lock(path);
    const auto signature = now ? signature_from(now->text) : std::nullopt;
    if (now && signature && signature->token != own.token && !signature->pid.empty()) {
      is_lost = true;
      log_error(fmt::format(
          "{} was taken over by process {} on {}, because this process gave no sign of life for too long",
          path.string(), signature->pid, signature->host));
      return;
    }
    ++own.beat;
    write_lock(fd.get(), own, path);
    futimens(fd.get(), nullptr);           // network file systems send this at once
  } catch (const std::exception& error) {  // a disk that is full or away for a moment must not end a render
    log_debug(std::string("no sign of life: ") + error.what());
  }
}

// Checks `stop` often, because work under the lock checks only our own flag.
void WorkLock::Impl::keep_alive(const std::stop_token& asked, const std::atomic<bool>* stop) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kLook = std::chrono::milliseconds(20);
  const auto wait = std::min<std::chrono::milliseconds>(times.beat, kLook);
  auto last_beat = Clock::now();
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, asked, wait, [&] { return asked.stop_requested(); })) {
    if (stop != nullptr && stop->load()) stops = true;
    if (is_lost || Clock::now() - last_beat < times.beat) continue;
    beat();
    last_beat = Clock::now();
    if (is_lost) stops = true;
  }
}

void WorkLock::Impl::release() noexcept {
  if (!fd || is_lost) return;
  if (is_still_there(fd.get(), path)) unlink(path.c_str());
  if (removes_folder) rmdir(path.parent_path().c_str());  // removes only an empty folder
  for (auto folder = made.rbegin(); folder != made.rend(); ++folder) rmdir(folder->c_str());
}

WorkLock::WorkLock(const fs::path& path, const std::string& what, const std::atomic<bool>* stop,
                   const LockTimes& times)
    : impl_(std::make_unique<Impl>(path, times)) {
  try {
    impl_->take(what, stop);
  } catch (...) {
    for (auto folder = impl_->made.rbegin(); folder != impl_->made.rend(); ++folder) rmdir(folder->c_str());
    throw;
  }
  impl_->stops = stop != nullptr && stop->load();
  impl_->alive = std::jthread(
      [impl = impl_.get(), stop](const std::stop_token& asked) { impl->keep_alive(asked, stop); });
}

WorkLock::~WorkLock() {
  impl_->alive.request_stop();
  impl_->alive.join();
  impl_->release();
}

void WorkLock::remove_folder_at_end() {
  impl_->removes_folder = true;
}

bool WorkLock::made_folder() const {
  return !impl_->made.empty();
}

const std::atomic<bool>* WorkLock::stop() const {
  return &impl_->stops;
}

void WorkLock::expect_held() const {
  if (impl_->is_lost)
    throw Interrupted(fmt::format(
        "the lock {} was taken over by another process; run the same command again to go on from there",
        impl_->path.string()));
}

void expect_free_or_parents(const fs::path& path, const std::string& what, const std::atomic<bool>* stop,
                            const LockTimes& times) {
  const Descriptor fd(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && errno == ENOENT) return;
  if (!fd) throw IoError(fmt::format("cannot open the lock {}: {}", path.string(), std::strerror(errno)));
  // A shared lock, so that several processes that ask at once do not take each other for the holder.
  const KernelLock kernel = lock_in_kernel(fd.get(), LOCK_SH, path);
  const LockContent content = read_lock(fd.get(), path);
  const Signature holder = signature_in(content, path);
  if (kernel != KernelLock::ours && holder.is_parent()) return;
  if (kernel != KernelLock::taken && is_dead(content, kernel, path, stop, times)) return;
  if (is_still_there(fd.get(), path)) refuse(holder, what, path);
}

std::string lock_holder(const fs::path& path) {
  try {
    const auto content = read_lock(path);
    const auto holder = content ? signature_from(content->text) : std::nullopt;
    return holder && !holder->pid.empty() ? holder->host + " " + holder->pid : "";
  } catch (const IoError&) {
    return "";
  }
}

}  // namespace dreamreel::work
