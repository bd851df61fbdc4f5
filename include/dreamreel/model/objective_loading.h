// Loads the networks and objectives of a job, on a thread that a signal can abandon.
#pragma once

#include <atomic>
#include <memory>

#include "dreamreel/core/trace.h"
#include "dreamreel/job/job.h"
#include "dreamreel/model/objective_set.h"
#include "dreamreel/report/progress.h"

namespace dreamreel::model {

/// Reports each network that will be loaded. `progress` may be null.
void announce_networks(const job::Job& job, report::ProgressSink* progress);

/// Loads the job's networks and objectives on a thread that is abandoned on a signal. Throws what
/// ObjectiveSet throws, and Interrupted once `stop` is set. `stop` and `trace` may be null.
std::shared_ptr<ObjectiveSet> load_objectives(const job::Job& job, const std::atomic<bool>* stop,
                                              Trace* trace = nullptr);

}  // namespace dreamreel::model
