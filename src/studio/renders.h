// Renders, as processes of their own: `dreamreel render`, so that the bits are those of the command line,
// and so that a render goes on when the page or the studio ends. What a process says lies in a file of the
// cache folder; who works where is told by the lock in the work folder. So a studio that is started later
// finds the renders of one before it. Where a job's render goes is remembered, too: the job's file may name
// another output while the render runs.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "dreamreel/job/job.h"
#include "events.h"
#include "workspace.h"

namespace dreamreel::studio {

/// Remembers that a process began to render a job's file into an output.
void note_started(const std::filesystem::path& job, pid_t process, const std::filesystem::path& output);

/// Any thread.
class Renders {
 public:
  Renders(const Workspace& workspace, Events& events, std::filesystem::path program);
  ~Renders();  ///< leaves them running

  /// docs/studio.md lists the keys. From now on, changes are published as events; only the latest jobs are
  /// followed. A render that runs is told of even if the job's file names another output by now.
  nlohmann::json state(const job::Job& job);
  /// Throws ApiError (409) where it runs already, into this output or another, or where the output is
  /// finished and `overwrite` is not set.
  void start(const job::Job& job, bool overwrite);
  /// Asks the process to stop; starting again goes on. Nothing where none runs.
  void pause(const job::Job& job);
  /// How long a frame took in the last render of this output that the studio has started; nullopt where there
  /// was none.
  static std::optional<double> seconds_per_frame(const job::Job& job);

 private:
  struct Followed {
    pid_t child = 0;  // of a process that this studio started, until it ends
    int exit_code = -1;
    std::int64_t used = 0;
  };
  struct Asked {
    job::Job job;
    std::string told;  // the last event
    std::int64_t used = 0;
  };
  bool runs(const std::filesystem::path& output) const;
  job::Job at_work(const job::Job& job) const;
  nlohmann::json state_of(const job::Job& job);
  Followed& follow(const std::filesystem::path& output);
  void ask(const job::Job& job);
  static void reap(Followed& followed);
  void reap_all();
  void watch(const std::stop_token& stop);
  void wake();  // with the mutex held

  const Workspace& workspace_;
  Events& events_;
  const std::filesystem::path program_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool is_awake_ = false;  // somebody has asked since the watcher looked
  std::int64_t uses_ = 0;
  std::map<std::filesystem::path, Followed> followed_;  // by output; only the latest
  std::map<std::filesystem::path, Asked> jobs_;         // by file; only the latest
  std::jthread watcher_;
};

}  // namespace dreamreel::studio
