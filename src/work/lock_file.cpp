#include "lock_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/file_names.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/process_space.h"

namespace dreamreel::work {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void throw_cannot(const char* what, const fs::path& path, int failure) {
  throw IoError(fmt::format("cannot {} the lock {}: {}", what, path.string(), std::strerror(failure)));
}

bool is_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_printable(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string read_all(int fd, const fs::path& path) {
  std::array<char, 512> text{};
  ssize_t length = 0;
  do length = pread(fd, text.data(), text.size(), 0);
  while (length < 0 && errno == EINTR);
  if (length < 0) throw_cannot("read", path, errno);
  return {text.data(), static_cast<std::size_t>(length)};
}

// A file with a unique name beside the lock, removed on destruction.
class Aside {
 public:
  explicit Aside(const fs::path& lock)
      : path_(lock.parent_path() / fmt::format(".{}.{}-{}-{}.part{}", lock.stem().string(),
                                               host_name().substr(0, 40), getpid(), random_word(),
                                               lock.extension().string())) {}
  ~Aside() { unlink(path_.c_str()); }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  const char* name() const { return path_.c_str(); }

 private:
  fs::path path_;
};

bool has_two_names(int fd) {
  struct stat file {};
  return fstat(fd, &file) == 0 && file.st_nlink == 2;
}

// Whether link() failed because the file system allows no second name for a file.
bool cannot_link(int failure) {
  return failure == EPERM || failure == EOPNOTSUPP || failure == ENOSYS || failure == EINVAL ||
         failure == EACCES || failure == EMLINK || failure == EXDEV;
}

// Without link(), the file exists for a moment without content.
std::optional<Descriptor> make_without_link(const fs::path& path, const Signature& signature,
                                            KernelLock& support) {
  Descriptor fd(open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666));
  if (!fd && errno == EEXIST) return {};
  if (!fd) throw_cannot("make", path, errno);
  support = lock_in_kernel(fd.get(), LOCK_EX, path);
  if (support == KernelLock::taken || !is_still_there(fd.get(), path)) return {};
  write_lock(fd.get(), signature, path);
  return fd;
}

}  // namespace

std::string Signature::text() const {
  return fmt::format("{} {}\n{} {} {} {}\n", or_dash(host), pid, or_dash(machine), or_dash(processes),
                     or_dash(token), beat);
}

bool Signature::is_of_this_machine() const {
  return !machine.empty() && machine == boot_id();
}

bool Signature::is_gone() const {
  if (!is_of_this_machine() || processes != process_namespace() || !is_digits(pid)) return false;
  return kill(static_cast<pid_t>(std::atol(pid.c_str())), 0) != 0 && errno == ESRCH;
}

bool Signature::is_parent() const {
  return is_of_this_machine() && processes == process_namespace() && pid == std::to_string(getppid());
}

Signature own_signature() {
  return {host_name(), std::to_string(getpid()), boot_id(), process_namespace(), random_word(), 0};
}

std::optional<Signature> signature_from(const std::string& text) {
  Signature found;
  if (text.find_first_not_of('\0') == std::string::npos) return found;
  std::istringstream lines(text);
  std::string first, second;
  std::getline(lines, first);
  std::getline(lines, second);
  std::istringstream who(first), more(second);
  std::string rest;
  who >> found.host >> found.pid;
  if (!is_digits(found.pid) || !is_printable(found.host) || who >> rest) return {};
  more >> found.machine >> found.processes >> found.token >> found.beat;
  for (auto* const field : {&found.machine, &found.processes, &found.token})
    if (*field == "-" || !is_printable(*field)) field->clear();
  return found;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

KernelLock lock_in_kernel(int fd, int operation, const fs::path& path) {
  while (flock(fd, operation | LOCK_NB) != 0) {
    const int failure = errno;
    if (failure == EINTR) continue;
    if (failure == EWOULDBLOCK || failure == EACCES) return KernelLock::taken;
    const bool unsupported = failure == ENOSYS || failure == ENOLCK || failure == EOPNOTSUPP ||
                             failure == EINVAL || failure == ENOTTY;
    if (!unsupported) throw_cannot("take", path, failure);
    log_warning_once(
        fmt::format("the file system of {} has no locks (flock: {}); two processes are kept apart by signs "
                    "of life in the lock file alone",
                    path.parent_path().string(), std::strerror(failure)));
    return KernelLock::unsupported;
  }
  return KernelLock::ours;
}

bool LockContent::operator==(const LockContent& other) const {
  return text == other.text && changed.tv_sec == other.changed.tv_sec &&
         changed.tv_nsec == other.changed.tv_nsec;
}

LockContent read_lock(int fd, const fs::path& path) {
  struct stat file {};
  if (fstat(fd, &file) != 0) throw_cannot("read", path, errno);
  return {read_all(fd, path), file.st_mtim};
}

std::optional<LockContent> read_lock(const fs::path& path) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && errno == ENOENT) return {};
  if (!fd) throw_cannot("read", path, errno);
  return read_lock(fd.get(), path);
}

std::optional<double> age_of(const LockContent& content, const fs::path& folder) {
  const Aside aside(folder / "lock");
  const Descriptor fd(open(aside.name(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
  struct stat now {};
  if (!fd || fstat(fd.get(), &now) != 0) return {};
  constexpr double kNanoseconds = 1e-9;
  const double age = static_cast<double>(now.st_mtim.tv_sec - content.changed.tv_sec) +
                     kNanoseconds * static_cast<double>(now.st_mtim.tv_nsec - content.changed.tv_nsec);
  return age < 0 ? std::nullopt : std::optional(age);
}

bool is_still_there(int fd, const fs::path& path) {
  struct stat mine {
  }, theirs{};
  return fstat(fd, &mine) == 0 && lstat(path.c_str(), &theirs) == 0 && mine.st_ino == theirs.st_ino &&
         mine.st_dev == theirs.st_dev;
}

// Writes over the old text, so that the file is never empty in between. Then cuts off the rest of a longer
// old text.
void write_lock(int fd, const Signature& signature, const fs::path& path) {
  const std::string text = signature.text();
  const auto size = static_cast<ssize_t>(text.size());
  if (pwrite(fd, text.data(), text.size(), 0) != size || ftruncate(fd, size) != 0)
    throw_cannot("write", path, errno == 0 ? EIO : errno);
}

std::optional<Descriptor> make_lock(const fs::path& path, const Signature& signature, KernelLock& support) {
  const Aside aside(path);
  Descriptor fd(open(aside.name(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666));
  if (!fd && errno == ENOENT) return {};  // the last holder has just removed the folder
  if (!fd) throw_cannot("make", path, errno);
  support = lock_in_kernel(fd.get(), LOCK_EX, path);
  write_lock(fd.get(), signature, path);
  // Synced, so that a power cut does not leave half a signature, which would name no holder.
  if (fsync(fd.get()) != 0 && (errno == EIO || errno == ENOSPC || errno == EDQUOT))
    throw_cannot("write", path, errno);
  if (link(aside.name(), path.c_str()) == 0 || has_two_names(fd.get())) return fd;
  if (errno == EEXIST || errno == ENOENT) return {};
  if (cannot_link(errno)) return make_without_link(path, signature, support);
  throw_cannot("make", path, errno);
}

}  // namespace dreamreel::work
