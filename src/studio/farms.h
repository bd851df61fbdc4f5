// The farm of a job: a plan with chunks that `dreamreel farm plan` made for the job's output, and how far its
// chunks are, as `dreamreel farm status` tells them. Nothing is started or changed here.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "dreamreel/farm/farm.h"
#include "dreamreel/farm/status_watch.h"
#include "dreamreel/job/job.h"
#include "events.h"
#include "jobs.h"
#include "workspace.h"

namespace dreamreel::studio {

/// Any thread.
class Farms {
 public:
  struct Times {
    std::chrono::milliseconds look{1000};     ///< between two looks at the chunks
    std::chrono::milliseconds silent{30000};  ///< after which a holder without a sign of life counts as dead
  };
  Farms(const Jobs& jobs, const Workspace& workspace, Events& events, const Times& times);
  Farms(const Jobs& jobs, const Workspace& workspace, Events& events)
      : Farms(jobs, workspace, events, Times{}) {}
  ~Farms();

  /// docs/studio.md lists the keys. From now on, changes are published as events; only the latest jobs are
  /// followed. Throws Interrupted after close().
  nlohmann::json state(const job::Job& job);
  /// Ends a look at the chunks, which may read many files.
  void close() { is_closed_ = true; }

 private:
  using Clock = std::chrono::steady_clock;
  // A JSON file that has been looked at; `output` is empty unless it is a plan with chunks.
  struct Seen {
    std::string version;
    std::filesystem::path output;
  };
  // When a chunk's lock was seen to change.
  struct Sign {
    std::filesystem::file_time_type changed;
    Clock::time_point seen;
  };
  // A farm that is being watched.
  struct Watched {
    std::string version;  // of its plan
    farm::Farm farm;
    farm::StatusWatch watch;
    std::map<std::size_t, Sign> signs;  // by chunk
  };
  // A look reads many files, so each job has a mutex of its own, which is held during a look.
  struct Followed {
    std::int64_t asked = 0;  // with mutex_ held
    std::mutex mutex;        // of everything below
    job::Job job;
    std::unique_ptr<Watched> watched;  // null where there is no farm
    std::string told;                  // the last event
  };
  std::optional<farm::Farm> open(const std::filesystem::path& plan) const;
  std::filesystem::path output_of(const std::filesystem::path& plan, const std::string& version);
  std::optional<std::filesystem::path> find_plan(const job::Job& job);
  void find_farm(Followed& followed);
  bool lives(Watched& watched, std::size_t chunk) const;
  nlohmann::json chunk_of(Watched& watched, std::size_t chunk, const farm::ChunkStatus& status) const;
  nlohmann::json state_of(Followed& followed);
  std::shared_ptr<Followed> follow(const std::filesystem::path& file);
  std::vector<std::shared_ptr<Followed>> all_followed();
  void look_at(Followed& followed);
  void watch(const std::stop_token& stop);

  const Jobs& jobs_;
  const Workspace& workspace_;
  Events& events_;
  const Times times_;
  std::atomic<bool> is_closed_{false};
  std::mutex mutex_;  // of everything below; never held while a file is read
  std::condition_variable_any wake_;
  std::int64_t asked_ = 0;
  std::map<std::filesystem::path, Seen> seen_;                           // by file
  std::map<std::filesystem::path, std::shared_ptr<Followed>> followed_;  // by job file
  std::jthread watcher_;
};

}  // namespace dreamreel::studio
