// The content of a lock file, and the kernel's lock on it. When a lock may be taken over is decided in
// work_lock.cpp.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

namespace dreamreel::work {

/// Names the holder of a lock. The file has two lines: "host pid" for people, and "machine namespace token
/// beat".
struct Signature {
  std::string host, pid;
  /// The kernel's boot id, or "" if it is unknown. It is needed because clones and containers may share a
  /// host name.
  std::string machine;
  std::string processes;  ///< the process namespace in which `pid` counts
  std::string token;      ///< random; differs from holder to holder
  unsigned long beat = 0;

  std::string text() const;
  bool is_of_this_machine() const;
  /// Whether the process is certainly gone; false if this cannot be told.
  bool is_gone() const;
  bool is_parent() const;
};

Signature own_signature();
/// Parses the text of a lock file. nullopt if no version of dreamreel wrote it. An empty text, as a power cut
/// leaves it, gives an empty signature.
std::optional<Signature> signature_from(const std::string& text);

/// Owns a file descriptor and closes it on destruction.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

enum class KernelLock {
  ours,
  taken,
  unsupported,  ///< the file system has no locks
};

/// Calls flock() without waiting. Throws IoError for any other failure than the two that KernelLock names.
KernelLock lock_in_kernel(int fd, int operation, const std::filesystem::path& path);

/// The content and the time of change of a lock file. Both change when the holder gives a sign of life.
struct LockContent {
  std::string text;
  timespec changed{};
  bool operator==(const LockContent& other) const;
};

/// Reads a lock file. The file is opened anew, so that a network file system asks its server. nullopt if the
/// file is gone. Throws IoError if it cannot be read.
std::optional<LockContent> read_lock(const std::filesystem::path& path);
LockContent read_lock(int fd, const std::filesystem::path& path);

/// Seconds since the file was changed, by the clock of its own file system. nullopt if this cannot be told,
/// or if the result would be negative.
std::optional<double> age_of(const LockContent& content, const std::filesystem::path& folder);

/// Whether `path` still names the file that `fd` has open.
bool is_still_there(int fd, const std::filesystem::path& path);

void write_lock(int fd, const Signature& signature, const std::filesystem::path& path);

/// Makes the lock file with its content and the kernel's lock at once. nullopt if the file exists already.
/// Sets `support` to what the kernel's lock answered. Throws IoError.
std::optional<Descriptor> make_lock(const std::filesystem::path& path, const Signature& signature,
                                    KernelLock& support);

}  // namespace dreamreel::work
