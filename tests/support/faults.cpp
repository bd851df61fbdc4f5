#include "support/faults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"

namespace dreamreel::test {
namespace fs = std::filesystem;
namespace {

constexpr unsigned kHung = 100;  // seconds after which a child that waits for ever is killed

// State of the child. The parent does not use it.
FaultPlan g_plan;
bool g_armed = false;
std::string g_prefix;
std::atomic<std::int64_t> g_count{0};
std::mutex g_mutex;
Operations g_operations;
std::string g_log;
int g_reached = -1, g_go = -1;
std::function<void(const std::string&)> g_on_open;

struct Operation {
  bool is_watched = false;
  int error = 0;           // the operation fails with this errno
  bool dies = false;       // in the middle of the operation
  bool is_change = false;  // false for an open for reading
};

std::string name_of_fd(int fd) {
  std::array<char, 4096> text{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const auto length = syscall(SYS_readlinkat, AT_FDCWD, link.c_str(), text.data(), text.size());
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "";
}

std::string whole_name(int folder, const char* path) {
  if (path == nullptr) return name_of_fd(folder);
  if (path[0] == '/') return path;
  if (folder != AT_FDCWD) return name_of_fd(folder) + "/" + path;
  return fs::current_path().string() + "/" + path;
}

[[noreturn]] void die() {
  syscall(SYS_exit_group, kStopped);
  std::abort();
}

void rest() {
  const char byte = 'r';
  char answer = 0;
  syscall(SYS_write, g_reached, &byte, 1);
  while (syscall(SYS_read, g_go, &answer, 1) < 0 && errno == EINTR) {
  }
}

// A full disk lets files be removed; a read-only disk does not.
bool fails_for_good(const std::string& kind) {
  return g_plan.goes_on && !(g_plan.error == ENOSPC && (kind == "unlink" || kind == "rmdir"));
}

Operation enter(const char* kind, const std::string& name, bool is_change = true) {
  Operation operation;
  if (!g_armed || !(name.starts_with(g_prefix) || name + "/" == g_prefix)) return operation;
  operation.is_watched = true;
  operation.is_change = is_change;
  const std::int64_t number = g_count++;
  {
    const std::lock_guard lock(g_mutex);
    g_operations.push_back(std::string(kind) + " " +
                           (name.size() > g_prefix.size() ? name.substr(g_prefix.size()) : "."));
  }
  const bool is_here = number == g_plan.at;
  switch (g_plan.fault) {
    case Fault::none:
      break;
    case Fault::stop:
    case Fault::power_cut:
      operation.dies = is_here;
      break;
    case Fault::fail:
      if (is_here || (number > g_plan.at && is_change && fails_for_good(kind)))
        operation.error = g_plan.error;
      break;
    case Fault::pause:
      if (is_here) rest();
  }
  return operation;
}

bool ends_here(const Operation& operation) {
  if (operation.dies) die();
  errno = operation.error;
  return operation.error != 0;
}

// The memory of what the disk holds: the bytes of synced files by inode, and the lists of synced folders by
// inode. Each new file also gets a second name, so that its inode is never another file's.
struct stat stat_of(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) found.st_ino = 0;
  return found;
}

std::string memory_of(const char* kind, ino_t inode) {
  return g_plan.memory.string() + "/" + kind + std::to_string(inode);
}

void remember_new_file(const std::string& path) {
  const auto inode = stat_of(path).st_ino;
  syscall(SYS_unlinkat, AT_FDCWD, memory_of("bytes", inode).c_str(), 0);
  syscall(SYS_unlinkat, AT_FDCWD, memory_of("list", inode).c_str(), 0);
  syscall(SYS_linkat, AT_FDCWD, path.c_str(), AT_FDCWD, memory_of("file", inode).c_str(), 0);
}

void copy_bytes(const std::string& from, const std::string& to) {
  const auto in = static_cast<int>(syscall(SYS_openat, AT_FDCWD, from.c_str(), O_RDONLY | O_CLOEXEC));
  const auto out = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, to.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
  std::array<char, 1 << 16> block{};
  for (long got = 0; (got = syscall(SYS_read, in, block.data(), block.size())) > 0;)
    syscall(SYS_write, out, block.data(), static_cast<std::size_t>(got));
  close(in);
  close(out);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  DIR* const listing = opendir(folder.c_str());
  if (listing == nullptr) return names;
  while (const dirent* entry = readdir(listing))
    if (const std::string name = entry->d_name; name != "." && name != "..") names.push_back(name);
  closedir(listing);
  return names;
}

void remember_synced(const std::string& path) {
  if (g_plan.fault != Fault::power_cut) return;
  const auto found = stat_of(path);
  if (S_ISREG(found.st_mode)) return copy_bytes(path, memory_of("bytes", found.st_ino));
  std::string list;
  for (const auto& name : names_in(path)) {
    const auto entry = stat_of(path + "/" + name);
    list += std::to_string(entry.st_ino) + (S_ISDIR(entry.st_mode) ? " d " : " f ") + name + "\n";
  }
  const auto out = static_cast<int>(syscall(SYS_openat, AT_FDCWD, memory_of("list", found.st_ino).c_str(),
                                            O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
  syscall(SYS_write, out, list.data(), list.size());
  close(out);
}

int open_at(int folder, const char* path, int flags, unsigned mode) {
  const std::string name = g_armed ? whole_name(folder, path) : "";
  if (g_on_open) g_on_open(path);
  const bool is_change = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
  const bool makes = g_armed && (flags & O_CREAT) != 0 && stat_of(name).st_ino == 0;
  const auto operation = enter(makes ? "create" : is_change ? "open" : "read", name, is_change);
  if (ends_here(operation)) return -1;
  const auto fd = static_cast<int>(syscall(SYS_openat, folder, path, flags, mode));
  if (fd >= 0 && makes && operation.is_watched && g_plan.fault == Fault::power_cut) remember_new_file(name);
  return fd;
}

template <typename Write>
ssize_t write_to(const char* kind, int fd, std::size_t size, Write write) {
  const auto operation = enter(kind, g_armed ? name_of_fd(fd) : "");
  if (operation.dies || operation.error != 0) write(size / 2);
  if (ends_here(operation)) return -1;
  return write(size);
}

int sync_fd(const char* kind, int fd) {
  if (!g_armed) return static_cast<int>(syscall(SYS_fsync, fd));
  const std::string name = name_of_fd(fd);
  const auto operation = enter(kind, name);
  if (ends_here(operation)) return -1;
  if (!operation.is_watched) return static_cast<int>(syscall(SYS_fsync, fd));
  remember_synced(name);  // no power is really cut, so there is no need to wait for the disk
  return 0;
}

template <typename Call>
int change(const char* kind, int folder, const char* path, Call call) {
  const auto operation = enter(kind, g_armed ? whole_name(folder, path) : "");
  if (ends_here(operation)) return -1;
  return static_cast<int>(call());
}

int make_folder_at(int folder, const char* path, unsigned mode) {
  const int done = change("mkdir", folder, path, [&] { return syscall(SYS_mkdirat, folder, path, mode); });
  if (done == 0 && g_armed && g_plan.fault == Fault::power_cut)
    syscall(SYS_unlinkat, AT_FDCWD, memory_of("list", stat_of(whole_name(folder, path)).st_ino).c_str(), 0);
  return done;
}

std::FILE* open_stream(const char* symbol, const char* path, const char* mode) {
  using Open = std::FILE* (*)(const char*, const char*);
  const auto real = reinterpret_cast<Open>(dlsym(RTLD_NEXT, symbol));
  const std::string name = g_armed ? whole_name(AT_FDCWD, path) : "";
  const bool is_change = std::strpbrk(mode, "wa+") != nullptr;
  const bool makes = g_armed && std::strpbrk(mode, "wa") != nullptr && stat_of(name).st_ino == 0;
  const auto operation = enter(makes ? "create" : is_change ? "open" : "read", name, is_change);
  if (ends_here(operation)) return nullptr;
  std::FILE* const file = real(path, mode);
  if (file != nullptr && makes && operation.is_watched && g_plan.fault == Fault::power_cut)
    remember_new_file(name);
  return file;
}

unsigned mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, unsigned) : 0;
}

}  // namespace
}  // namespace dreamreel::test

// Replaces libc's functions. NOLINTBEGIN: their names and signatures are libc's
using namespace dreamreel::test;

extern "C" {

#define DREAMREEL_OPEN(name)                         \
  int name(const char* path, int flags, ...) {       \
    va_list arguments;                               \
    va_start(arguments, flags);                      \
    const unsigned mode = mode_of(flags, arguments); \
    va_end(arguments);                               \
    return open_at(AT_FDCWD, path, flags, mode);     \
  }
#define DREAMREEL_OPENAT(name)                             \
  int name(int folder, const char* path, int flags, ...) { \
    va_list arguments;                                     \
    va_start(arguments, flags);                            \
    const unsigned mode = mode_of(flags, arguments);       \
    va_end(arguments);                                     \
    return open_at(folder, path, flags, mode);             \
  }
DREAMREEL_OPEN(open)
DREAMREEL_OPEN(open64)
DREAMREEL_OPENAT(openat)
DREAMREEL_OPENAT(openat64)
int __open_2(const char* path, int flags) {
  return open_at(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char* path, int flags) {
  return open_at(AT_FDCWD, path, flags, 0);
}
int __openat_2(int folder, const char* path, int flags) {
  return open_at(folder, path, flags, 0);
}
int __openat64_2(int folder, const char* path, int flags) {
  return open_at(folder, path, flags, 0);
}

std::FILE* fopen(const char* path, const char* mode) {
  return open_stream("fopen", path, mode);
}
std::FILE* fopen64(const char* path, const char* mode) {
  return open_stream("fopen64", path, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  return write_to("write", fd, size, [&](size_t count) { return syscall(SYS_write, fd, bytes, count); });
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return write_to("write", fd, size,
                  [&](size_t count) { return syscall(SYS_pwrite64, fd, bytes, count, at); });
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return pwrite(fd, bytes, size, at);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  return write_to("write", fd, 2, [&](size_t share) {
    return syscall(SYS_writev, fd, parts, share == 1 ? count / 2 : count);
  });
}
int ftruncate(int fd, off_t size) noexcept {
  return change("truncate", fd, nullptr, [&] { return syscall(SYS_ftruncate, fd, size); });
}
int ftruncate64(int fd, off64_t size) noexcept {
  return ftruncate(fd, size);
}
int fsync(int fd) {
  return sync_fd("sync", fd);
}
int fdatasync(int fd) {
  return sync_fd("sync", fd);
}

int rename(const char* from, const char* to) noexcept {
  return change("rename", AT_FDCWD, to,
                [&] { return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); });
}
int link(const char* from, const char* to) noexcept {
  return change("link", AT_FDCWD, to, [&] { return syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); });
}
int unlink(const char* path) noexcept {
  return change("unlink", AT_FDCWD, path, [&] { return syscall(SYS_unlinkat, AT_FDCWD, path, 0); });
}
int rmdir(const char* path) noexcept {
  return change("rmdir", AT_FDCWD, path, [&] { return syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); });
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return change((flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink", folder, path,
                [&] { return syscall(SYS_unlinkat, folder, path, flags); });
}
int remove(const char* path) noexcept {
  return S_ISDIR(stat_of(path).st_mode) ? rmdir(path) : unlink(path);
}
int mkdir(const char* path, mode_t mode) noexcept {
  return make_folder_at(AT_FDCWD, path, mode);
}
int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return make_folder_at(folder, path, mode);
}

int flock(int fd, int operation) noexcept {
  if (!g_armed) return static_cast<int>(syscall(SYS_flock, fd, operation));
  if (g_plan.flock_error == -1) return 0;
  if (g_plan.flock_error != 0) {
    errno = g_plan.flock_error;
    return -1;
  }
  return change("flock", fd, nullptr, [&] { return syscall(SYS_flock, fd, operation); });
}

}  // extern "C"
// NOLINTEND

namespace dreamreel::test {
namespace {

void put(std::string& report, const std::string& text) {
  report += std::to_string(text.size()) + "\n" + text;
}

std::string take(std::string& report) {
  const auto end = report.find('\n');
  if (end == std::string::npos) return "";
  const auto size = static_cast<std::size_t>(std::stoull(report.substr(0, end)));
  const std::string text = report.substr(end + 1, size);
  report.erase(0, end + 1 + size);
  return text;
}

void send(int fd, const std::string& report) {
  for (std::size_t at = 0; at < report.size();) {
    const auto sent = syscall(SYS_write, fd, report.data() + at, report.size() - at);
    if (sent <= 0) return;
    at += static_cast<std::size_t>(sent);
  }
}

void arm(const FaultPlan& plan) {
  g_plan = plan;
  g_prefix = plan.folder.string() + "/";
  g_armed = true;
}

[[noreturn]] void run_child(const FaultPlan& plan, const std::function<void()>& body, int report_to) {
  alarm(kHung);
  set_log_sink([](LogLevel level, std::string_view line) {
    g_log += std::string(name_of(level)) + ": " + std::string(line) + "\n";
  });
  std::string message;
  int code = 0;
  arm(plan);
  try {
    body();
  } catch (const Error& error) {
    message = error.what();
    code = static_cast<int>(error.code());
  } catch (const std::exception& error) {
    message = std::string("internal error: ") + error.what();
    code = static_cast<int>(ExitCode::render);
  }
  g_armed = false;
  std::string report;
  put(report, message);
  put(report, g_log);
  const std::lock_guard lock(g_mutex);
  for (const auto& operation : g_operations) put(report, operation);
  send(report_to, report);
  syscall(SYS_exit_group, code);
  std::abort();
}

Outcome outcome_of(int process, int report_from) {
  std::string report;
  std::array<char, 1 << 16> block{};
  for (ssize_t got = 0; (got = read(report_from, block.data(), block.size())) != 0;)
    if (got > 0) report.append(block.data(), static_cast<std::size_t>(got));
  close(report_from);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  Outcome outcome;
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.message = take(report);
  outcome.log = take(report);
  while (!report.empty()) outcome.operations.push_back(take(report));
  return outcome;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return ends;
}

int fork_child() {
  std::fflush(nullptr);
  const int process = fork();
  if (process < 0) throw std::runtime_error("cannot fork");
  return process;
}

}  // namespace

Outcome in_child(const FaultPlan& plan, const std::function<void()>& body) {
  const auto report = make_pipe();
  const int process = fork_child();
  if (process == 0) run_child(plan, body, report[1]);
  close(report[1]);
  return outcome_of(process, report[0]);
}

Paused::Paused(const FaultPlan& plan, const std::function<void()>& body) {
  const auto report = make_pipe(), reached = make_pipe(), go = make_pipe();
  process_ = fork_child();
  if (process_ == 0) {
    close(reached[0]);
    close(go[1]);
    g_reached = reached[1];
    g_go = go[0];
    run_child(plan, body, report[1]);
  }
  for (const int fd : {report[1], reached[1], go[0]}) close(fd);
  report_ = report[0];
  reached_ = reached[0];
  go_ = go[1];
  char byte = 0;
  ssize_t got = 0;
  do got = read(reached_, &byte, 1);
  while (got < 0 && errno == EINTR);
  is_waiting_ = got == 1;
  // Its other threads have to stop as well, because an encoder's or the lock's thread would go on writing.
  if (!is_waiting_) return;
  kill(process_, SIGSTOP);
  while (waitpid(process_, nullptr, WUNTRACED) < 0 && errno == EINTR) {
  }
}

Paused::~Paused() {
  for (const int fd : {reached_, go_, report_})
    if (fd >= 0) close(fd);
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

Outcome Paused::resume() {
  kill(process_, SIGCONT);
  close(std::exchange(go_, -1));
  const auto outcome = outcome_of(std::exchange(process_, 0), std::exchange(report_, -1));
  return outcome;
}

void on_open(const std::function<void(const std::string& path)>& action) {
  g_on_open = action;
}

}  // namespace dreamreel::test
