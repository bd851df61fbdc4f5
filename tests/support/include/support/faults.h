// A disk that fails, a machine that loses power, a process that dies: at the n-th operation on the files of a
// folder.
//
// faults.cpp defines libc's functions for files once more. A test executable that has it among its sources,
// and exports its symbols (ENABLE_EXPORTS), gets every call of every library it loads. Operations on files
// below the watched folder are counted; all others go straight to the kernel.
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
  fail,       ///< the operation fails with `error`, a write after half of its bytes
  power_cut,  ///< as stop; cut_power() then makes of the folder what a disk would hold
  pause,      ///< the operation waits until resume(); see Paused
};

struct FaultPlan {
  std::filesystem::path folder;  ///< absolute
  Fault fault = Fault::none;
  std::int64_t at = 0;  ///< number of the operation, from 0
  int error = 0;
  bool goes_on = false;  ///< a disk that is full stays full: all that change something fail from there on
  int flock_error = 0;   ///< every flock() fails with it; -1: every one succeeds, and locks nothing
  std::filesystem::path
      memory;  ///< an empty folder of the same file system, for what a disk holds; power_cut needs it
};

/// An operation that was counted: "write frames/000001.png".
using Operations = std::vector<std::string>;

struct Outcome {
  int exit_code = -1;   ///< 0, an Error's, kStopped, 128 + signal
  std::string message;  ///< of the error
  std::string log;      ///< all that was logged
  Operations operations;
};
inline constexpr int kStopped = 99;  ///< by Fault::stop or power_cut

/// Runs `body` in a forked process. The caller has no threads.
Outcome in_child(const FaultPlan& plan, const std::function<void()>& body);

/// A forked process that is stopped, with all its threads, before an operation (or has ended, if it never came
/// there).
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

/// What is on the disk after a power cut.
enum class PowerCut {
  undone,  ///< nothing that was not synced: no file's bytes, no new name, no rename, no removal
  torn,    ///< names as they were last, of bytes that were not synced the first half
};
void cut_power(const FaultPlan& plan, PowerCut kind);

/// Every file below a folder with its content, by its path there; folders end in a slash.
std::vector<std::pair<std::string, std::string>> tree(const std::filesystem::path& folder);

/// What is called before every read of a lock file by name, in this process: for tests that play another
/// machine.
void on_open(const std::function<void(const std::string& path)>& action);

}  // namespace dreamreel::test
