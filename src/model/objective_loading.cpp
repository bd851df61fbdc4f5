#include "dreamreel/model/objective_loading.h"

#include "dreamreel/core/stopping.h"
#include "dreamreel/job/networks.h"

namespace dreamreel::model {

void announce_networks(const job::Job& job, report::ProgressSink* progress) {
  if (progress == nullptr) return;
  for (const auto& network : job::networks_of(job)) progress->activity("loading network " + network.name);
}

std::shared_ptr<ObjectiveSet> load_objectives(const job::Job& job, const std::atomic<bool>* stop,
                                              Trace* trace) {
  // The set refers to its job. If the thread is abandoned, the set has to keep the job alive.
  struct Loaded {
    explicit Loaded(const job::Job& whose) : owned(whose), set(owned) {}
    job::Job owned;
    ObjectiveSet set;
  };
  const TraceSpan span(trace, Trace::Track::ascent, "load network");
  const auto loaded = in_background([job] { return std::make_shared<Loaded>(job); }, stop,
                                    "interrupted while loading the network");
  return {loaded, &loaded->set};
}

}  // namespace dreamreel::model
