#include "objective_loading.h"

#include <fmt/core.h>

#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/render/resolve.h"

namespace dreamreel::render {

void announce_networks(const job::Job& job, ProgressSink* progress) {
  if (progress == nullptr) return;
  for (const auto& network : job::networks_of(job)) progress->activity("loading network " + network.name);
}

std::shared_ptr<ObjectiveSet> load_objectives(const job::Job& job, const RenderOptions& options) {
  // The set refers to its job. If the thread is abandoned, the set has to keep the job alive.
  struct Loaded {
    explicit Loaded(const job::Job& whose) : owned(whose), set(owned) {}
    job::Job owned;
    ObjectiveSet set;
  };
  const TraceSpan span(options.trace, Trace::Track::ascent, "load network");
  const auto loaded = in_background([job] { return std::make_shared<Loaded>(job); }, options.stop,
                                    "interrupted while loading the network");
  return {loaded, &loaded->set};
}

void check_size(const job::Job& job, const ObjectiveSet& objectives, const media::VideoInfo& info) {
  const curve::CurveTime start{0, info.frame_rate.value()};
  const auto networks = objectives.networks();
  const auto options = ascent_options(job, objectives.at(start, {}), start, false, false);
  if (dream::usable_octaves(networks, info.height, info.width, options) > 0) return;
  throw JobError(
      fmt::format("the frames are {}x{}, but the wanted layers need at least {} px on the shorter side; "
                  "scale the input up (input.filter) or choose shallower layers",
                  info.width, info.height, networks.min_input_side()));
}

}  // namespace dreamreel::render
