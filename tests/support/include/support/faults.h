// Simulates a disk that fails, a machine that loses power, and a process that dies, at the n-th operation on
// the files of a folder.
//
// faults.cpp defines libc's file functions again. If a test executable has it among its sources and exports
// its symbols (ENABLE_EXPORTS), every call from every loaded library goes through it. Operations on files
// below the watched folder are counted. All others go straight to the kernel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dreamreel::test {

enum class Fault {
  none,
  stop,       ///< the process dies before the operation, or in the middle of a write
  fail,       ///< the operation fails with `error`; a write fails after half of its bytes
  power_cut,  ///< as stop; then cut_power() turns the folder into what a disk would hold
  pause,      ///< the operation waits until resume(); see Paused
};

struct FaultPlan {
  std::filesystem::path folder;  ///< absolute
  Fault fault = Fault::none;
  std::int64_t at = 0;  ///< number of the operation, from 0
  int error = 0;
  bool goes_on = false;  ///< a full disk stays full: all later operations that change something fail
  int flock_error = 0;   ///< errno of every flock(); -1: every flock() succeeds, but locks nothing
  /// An empty folder on the same file system, in which power_cut remembers what the disk holds.
  std::filesystem::path memory;
};

/// The name of an operation that was counted: "write frames/000001.png".
using Operations = std::vector<std::string>;

struct Outcome {
  int exit_code = -1;   ///< 0, an Error's, kStopped, 128 + signal
  std::string message;  ///< of the error
  std::string log;      ///< everything that was logged
  Operations operations;
};
inline constexpr int kStopped = 99;  ///< by Fault::stop or power_cut

/// Runs `body` in a forked process. The caller must not have threads.
Outcome in_child(const FaultPlan& plan, const std::function<void()>& body);

/// A forked process that is stopped, with all its threads, before an operation. If it never reached the
/// operation, it has ended.
class Paused {
 public:
  Paused(const FaultPlan& plan, const std::function<void()>& body);
  ~Paused();
  Paused(const Paused&) = delete;
  Paused& operator=(const Paused&) = delete;
  bool is_waiting() const { return is_waiting_; }
  int process() const { return process_; }
  Outcome resume();

 private:
  int process_ = 0, report_ = -1, reached_ = -1, go_ = -1;
  bool is_waiting_ = false;
};

/// The state of a disk after a power cut.
enum class PowerCut {
  undone,  ///< all that was not synced is undone: bytes, new names, renames, removals
  torn,    ///< names are the last ones; of bytes that were not synced, the first half stays
};
void cut_power(const FaultPlan& plan, PowerCut kind);

/// Every file below a folder, as its path there and its content. Folders end in a slash.
std::vector<std::pair<std::string, std::string>> tree(const std::filesystem::path& folder);

/// Sets a function that is called before every read of a lock file by name, in this process. For tests that
/// play another machine.
void on_open(const std::function<void(const std::string& path)>& action);

}  // namespace dreamreel::test
