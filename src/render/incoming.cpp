#include "incoming.h"

#include <string>
#include <utility>

#include "dreamreel/carry/twins.h"
#include "dreamreel/core/error.h"
#include "dreamreel/schedule/outstanding.h"

namespace dreamreel::render {
namespace {

schedule::Script script_of(const job::Job& job, const schedule::Plan& plan, const schedule::Fade& fade,
                           const schedule::Cadence& cadence) {
  return {job, plan, cadence, schedule::runs_of(job, plan, {schedule::incoming_task(plan, fade)}).front(),
          /*keeps_dreams=*/true};
}

}  // namespace

Incoming::Incoming(const job::Job& job, const schedule::Plan& plan, const schedule::Fade& fade,
                   const schedule::Cadence& cadence, const footage::Timeline& timeline, const Open& open,
                   model::ObjectiveSet& objectives, const dream::PassLimit& limit,
                   const std::atomic<bool>* stop, Trace* trace)
    : source_(open(fade.begin)),
      dreamer_(job, objectives, timeline, source_->info(), plan.loop, limit, trace),
      hold_(job, timeline),
      analysis_(*source_, job.temporal, timeline, hold_,
                carry::Twins(plan.loop, job, timeline, source_->info().frame_rate.value(),
                             [open, first = -plan.loop.run_in] { return open(first); }),
                script_of(job, plan, fade, cadence), stop, trace) {}

DreamedFrame Incoming::frame_of(std::int64_t frame, const dream::StepObserver& observer) {
  pictures_.erase(pictures_.begin(), pictures_.lower_bound(frame));
  while (!pictures_.contains(frame)) go_on(observer);
  return pictures_.at(frame);
}

void Incoming::go_on(const dream::StepObserver& observer) {
  const auto analysed = analysis_.next();
  if (!analysed) throw DataError("the source ends within a cross-fade; has it changed?");
  const auto dreamed = analysed->held_from ? dreamer_.hold(*analysed) : dreamer_.dream(*analysed, observer);
  for (const auto& between : analysed->between)
    if (between.step.action == schedule::FrameStep::Action::fill)
      pictures_[between.frame.index] = dreamer_.fill(between);
  pictures_[analysed->frame.index] = dreamed;
  last_ = Last{analysed->frame.index, dreamed};
}

}  // namespace dreamreel::render
