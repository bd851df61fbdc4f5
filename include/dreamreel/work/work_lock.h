// Who may work on something. Everything that removes or writes in a work folder is done by the holder of its
// lock.
//
// Where the kernel's locks (flock) reach, they decide: a lock whose holder died is free. Other machines, and
// file systems without such locks, are judged by signs of life alone: a holder changes its lock file every
// few seconds, and a lock is taken over only from one that has not changed for some time while we watched.
// Clocks of two machines are not compared.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace dreamreel::work {

/// How often a holder gives a sign of life, and when one without is taken for dead.
struct LockTimes {
  std::chrono::milliseconds beat{5000};
  std::chrono::milliseconds dead_after{20000};
  std::chrono::milliseconds look{250};     ///< while watching
  std::chrono::milliseconds settle{2000};  ///< before a lock that only signs of life guard counts as taken
};

/// A locked file that says on which machine and by which process. Given back when the process ends, however
/// it ends.
class WorkLock {
 public:
  /// Creates the folder if needed. Throws Interrupted (75: try again later) that names the holder, if it
  /// lives, or once `stop` (which may be null) is set; IoError where there can be no lock at all, or the file
  /// is somebody else's. Nothing is changed where it throws.
  WorkLock(const std::filesystem::path& path, const std::string& what,
           const std::atomic<bool>* stop = nullptr, const LockTimes& times = {});
  /// Removes the file, and the folders that were made for it if they are empty.
  ~WorkLock();
  WorkLock(const WorkLock&) = delete;
  WorkLock& operator=(const WorkLock&) = delete;

  /// Has the destructor remove the folder too, if it is empty by then.
  void remove_folder_at_end();
  /// Whether the folder was not there before.
  bool made_folder() const;
  /// Set once the constructor's `stop` is, or once another process has taken the lock over: what works under
  /// the lock looks at this flag, which lives as long as the lock.
  const std::atomic<bool>* stop() const;
  /// Throws Interrupted if another process has taken the lock over, because this one gave no sign of life for
  /// too long.
  void expect_held() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Throws Interrupted that names the holder, if a living process other than this one's parent has the lock
/// `path`. Nothing is changed.
void expect_free_or_parents(const std::filesystem::path& path, const std::string& what,
                            const std::atomic<bool>* stop = nullptr, const LockTimes& times = {});

/// "host pid" of the holder in a lock file, in printable characters; "" where there is no such file.
std::string lock_holder(const std::filesystem::path& path);

}  // namespace dreamreel::work
