#include "crossfade.h"

#include <utility>

#include "dreamreel/carry/dissolve.h"
#include "dreamreel/image/frame.h"

namespace dreamreel::render {

Crossfade::Crossfade(const job::Job& job, MakeIncoming make, dream::StepObserver observer)
    : job_(job), make_(std::move(make)), observer_(std::move(observer)) {}

void Crossfade::end() {
  const bool is_whole = incoming_ && incoming_->last()->frame == fade_->end - 1;
  arrived_ = is_whole ? std::optional(*incoming_->last()) : std::nullopt;
  incoming_.reset();
  fade_ = nullptr;
}

at::Tensor Crossfade::mixed(const carry::AnalysedFrame& analysed, const DreamedFrame& outgoing) {
  const double weight = analysed.step.incoming_weight;
  if (weight <= 0) return outgoing.output;
  if (!incoming_) incoming_ = make_(*fade_);
  const auto incoming = incoming_->frame_of(analysed.frame.index, observer_);
  // Each dream lies over a still that its own camera moved, or both over the same frame of a clip.
  const auto under = [&](const DreamedFrame& one) {
    return one.base.defined() ? one.base : analysed.frame.rgb;
  };
  return image::quantise16(
      carry::dissolved(outgoing.output, incoming.output, under(outgoing), under(incoming), weight));
}

schedule::Run Crossfade::without_warm_up(schedule::Run run) const {
  schedule::Task& task = run.tasks.front();
  const bool goes_on = arrived_ && task.piece.begin == arrived_->frame + 1 &&
                       task.resume == task.piece.start && task.piece.start < task.piece.begin;
  if (!goes_on || job_.temporal.every > 1 || job_.temporal.hold) return run;
  task.resume = task.piece.begin;
  task.from = task.drawn = arrived_->frame;
  return run;
}

const DreamedFrame* Crossfade::arrived_at(const carry::AnalysedFrame& analysed) const {
  const auto frame = analysed.frame.index;
  const bool is_arrived = arrived_ && arrived_->frame == frame && frame < analysed.step.piece.begin;
  return is_arrived ? &arrived_->dreamed : nullptr;
}

}  // namespace dreamreel::render
