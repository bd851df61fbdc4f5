// The cross-fades of a render (schedule/fade.h). For a run whose last frames fade out, it makes the incoming
// dream and mixes it into the outgoing one. Then it hands the end of the incoming dream to the run behind the
// fade, which need not make that dream again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "dreamer.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/script.h"
#include "incoming.h"

namespace dreamreel::render {

/// Belongs to the ascending thread.
class Crossfade {
 public:
  using MakeIncoming = std::function<std::unique_ptr<Incoming>(const schedule::Fade&)>;

  /// `job` is the job of the plan, and must outlive the object. `observer` sees each step of an incoming
  /// dream.
  Crossfade(const job::Job& job, MakeIncoming make, dream::StepObserver observer);

  /// A run begins, whose last frames are in `fade`. The fade must outlive the run.
  void begin(const schedule::Fade& fade) { fade_ = &fade; }
  /// The run has ended. If its incoming dream is whole, the last frame of it is kept for the next run.
  void end();

  /// The picture of a frame as it is shown: the outgoing dream, mixed with the incoming one where the step
  /// says so. The incoming dream is made at its first frame that is not stored. Throws what Incoming throws.
  at::Tensor mixed(const carry::AnalysedFrame& analysed, const DreamedFrame& outgoing);

  /// The run, without its warm-up if it goes on behind the fade that has just ended. If frames are filled in
  /// or held, they lean on more than the last dream, so the run warms up anyway.
  schedule::Run without_warm_up(schedule::Run run) const;
  /// The end of the incoming dream, if a run behind the fade goes on from the frame of `analysed`; or null.
  /// Frames of a warm-up are not stored, so no other dream of this frame exists.
  const DreamedFrame* arrived_at(const carry::AnalysedFrame& analysed) const;

 private:
  const job::Job& job_;
  const MakeIncoming make_;
  const dream::StepObserver observer_;
  const schedule::Fade* fade_ = nullptr;   // of the run that has begun
  std::unique_ptr<Incoming> incoming_;     // of fade_
  std::optional<Incoming::Last> arrived_;  // of the fade that ended last
};

}  // namespace dreamreel::render
