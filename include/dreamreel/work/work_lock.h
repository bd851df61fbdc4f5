// Decides who may work on something. Only the holder of a work folder's lock writes or removes anything in
// it.
//
// The kernel's lock (flock) decides wherever it works, because the lock of a dead holder is free. It does not
// reach other machines and some file systems. There, only signs of life count: a holder changes its lock file
// every few seconds. Another process takes the lock over only if it has watched the file for some time
// without a change. Clocks of two machines are never compared.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace dreamreel::work {

/// How often a holder gives a sign of life, and after how long a silent holder counts as dead.
struct LockTimes {
  std::chrono::milliseconds beat{5000};
  std::chrono::milliseconds dead_after{20000};
  std::chrono::milliseconds look{250};     ///< interval between two looks at the file while watching
  std::chrono::milliseconds settle{2000};  ///< wait before a lock without flock counts as taken
};

/// A locked file that names its machine and process. The lock is given back when the process ends, in
/// whatever way it ends.
class WorkLock {
 public:
  /// Takes the lock. Creates its folder if needed. Throws Interrupted (exit code 75: try again later) with
  /// the name of a living holder, or once `stop` is set, which may be null. Throws IoError if no lock can be
  /// made there, or if the file is not a lock of dreamreel. An exception leaves the files unchanged.
  WorkLock(const std::filesystem::path& path, const std::string& what,
           const std::atomic<bool>* stop = nullptr, const LockTimes& times = {});
  /// Removes the file, and the folders that were made for it if they are empty.
  ~WorkLock();
  WorkLock(const WorkLock&) = delete;
  WorkLock& operator=(const WorkLock&) = delete;

  /// Makes the destructor remove the folder too, if it is empty by then.
  void remove_folder_at_end();
  /// Whether the constructor created the folder.
  bool made_folder() const;
  /// A flag that is set once the constructor's `stop` is set, or once another process has taken the lock
  /// over. Work under the lock checks this flag, which lives as long as the lock.
  const std::atomic<bool>* stop() const;
  /// Throws Interrupted if another process has taken the lock over, because this process gave no sign of life
  /// for too long.
  void expect_held() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Throws Interrupted with the name of the holder, if a living process has the lock `path`. This process's
/// parent may have it. No file is changed.
void expect_free_or_parents(const std::filesystem::path& path, const std::string& what,
                            const std::atomic<bool>* stop = nullptr, const LockTimes& times = {});

/// "host pid" of the holder in a lock file, in printable characters; "" if there is no such file.
std::string lock_holder(const std::filesystem::path& path);

}  // namespace dreamreel::work
