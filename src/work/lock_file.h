// A lock file's content and the kernel's lock on it, without the question who may take it over.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

namespace dreamreel::work {

/// Who holds a lock. Two lines in the file: "host pid", for people, and "machine namespace token beat".
struct Signature {
  std::string host, pid;
  std::string
      machine;  ///< the kernel's boot id, "" where it is not known; clones and containers may share a name
  std::string processes;  ///< the namespace that `pid` counts in
  std::string token;      ///< another one for each holder
  unsigned long beat = 0;

  std::string text() const;
  bool is_of_this_machine() const;
  /// Whether the process is surely gone; false where that cannot be told.
  bool is_gone() const;
  bool is_parent() const;
};

Signature own_signature();
/// nullopt for a text that no version of dreamreel wrote. An empty one (torn by a power cut) gives an empty
/// signature.
std::optional<Signature> signature_from(const std::string& text);

/// Closes on destruction.
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

/// flock() without waiting. Throws IoError for an answer that says neither.
KernelLock lock_in_kernel(int fd, int operation, const std::filesystem::path& path);

/// What changes when a holder gives a sign of life.
struct LockContent {
  std::string text;
  timespec changed{};
  bool operator==(const LockContent& other) const;
};

/// Opened anew, so that a network file system asks its server; nullopt if the file is gone. Throws IoError.
std::optional<LockContent> read_lock(const std::filesystem::path& path);
LockContent read_lock(int fd, const std::filesystem::path& path);

/// Seconds since the file was changed, by the clock of its own file system; nullopt where that cannot be told
/// or is below 0.
std::optional<double> age_of(const LockContent& content, const std::filesystem::path& folder);

/// Whether `fd` is still the file of that name.
bool is_still_there(int fd, const std::filesystem::path& path);

void write_lock(int fd, const Signature& signature, const std::filesystem::path& path);

/// Makes the lock file with its content and the kernel's lock at once; nullopt if there is one already.
/// `support` says whether the kernel has locks here. Throws IoError.
std::optional<Descriptor> make_lock(const std::filesystem::path& path, const Signature& signature,
                                    KernelLock& support);

}  // namespace dreamreel::work
