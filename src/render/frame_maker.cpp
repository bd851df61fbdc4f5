#include "frame_maker.h"

#include <fmt/core.h>

#include <optional>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"

namespace dreamreel::render {
namespace {

using Action = schedule::FrameStep::Action;

// The alpha of a shown frame. A loop's last frames dissolve into what leads to the first, and so does theirs.
at::Tensor alpha_of(const carry::AnalysedFrame& analysed) {
  const at::Tensor& own = analysed.frame.alpha;
  const auto& twin = analysed.twin;
  if (!own.defined() || !twin || !twin->frame.alpha.defined()) return own;
  return image::lerp(own, twin->frame.alpha, twin->weight);
}

}  // namespace

void FrameMaker::make_all(AnalysisThread& analysis) {
  while (auto analysed = analysis.next()) {
    context_.tally.stop_if_asked();
    make(*analysed);
  }
}

void FrameMaker::make(carry::AnalysedFrame& analysed) {
  const auto& step = analysed.step;
  // The frames in between lean on this frame's dream, but come before it in the video.
  std::optional<DreamedFrame> dreamed;
  if (step.action == Action::dream) dreamed = dream(analysed);
  for (const auto& between : analysed.between) {
    if (between.step.action == Action::fill) keep(between, dreamer_.fill(between));
    if (between.step.is_stored) replay(between);
  }
  if (dreamed && !step.is_ahead) keep(analysed, *dreamed);
  if (step.action == Action::restore) restore(analysed);
  if (step.is_recalled) recall(analysed);
  if (step.is_stored) replay(analysed);
}

DreamedFrame FrameMaker::dream(carry::AnalysedFrame& analysed) {
  if (analysed.held_from) return dreamer_.hold(analysed);
  const auto observer = context_.tally.stopping_observer();
  if (analysed.twin) load_past_of(*analysed.twin);
  if (analysed.step.backward) analysed.backward = context_.backward->dream_of(analysed.step, observer);
  return dreamer_.dream(analysed, observer);
}

void FrameMaker::keep(const carry::AnalysedFrame& analysed, const DreamedFrame& dreamed) {
  const auto index = analysed.frame.index;
  if (index < 0)
    context_.work.store(context_.keys.of(index), index, dreamed.dreamed, dreamed.dreamed, dreamed.note);
  if (analysed.step.is_shown) {
    FinishedFrame finished{analysed.frame, dreamed.dreamed, analysed.step, dreamed.note};
    finished.frame.rgb = context_.crossfade.mixed(analysed, dreamed);
    finished.frame.alpha = alpha_of(analysed);
    const TraceSpan span(context_.trace, Trace::Track::ascent, "wait for the encoder", index);
    context_.writer.write(std::move(finished));
  }
  context_.tally.report_frame(analysed, dreamed.objective);
}

void FrameMaker::restore(const carry::AnalysedFrame& analysed) {
  if (const auto* const arrived = context_.crossfade.arrived_at(analysed))
    return dreamer_.restore(analysed, arrived->dreamed, arrived->note);
  const auto stored = load(analysed.frame.index);
  dreamer_.restore(analysed, stored.dreamed, stored.note);
}

void FrameMaker::recall(const carry::AnalysedFrame& analysed) {
  dreamer_.recall(analysed, load(analysed.frame.index).dreamed);
}

void FrameMaker::replay(const carry::AnalysedFrame& analysed) {
  if (!analysed.step.is_shown) return;
  const auto stored = load(analysed.frame.index);
  FinishedFrame finished{analysed.frame, stored.dreamed, analysed.step, {}};
  finished.frame.alpha = alpha_of(analysed);
  finished.frame.rgb = stored.output.defined() ? stored.output : dreamer_.show(analysed, stored.dreamed);
  context_.writer.write(std::move(finished));
}

work::WorkFolder::Stored FrameMaker::load(std::int64_t index) const {
  if (auto stored = context_.work.load(context_.keys.of(index), index)) return std::move(*stored);
  throw DataError(
      fmt::format("the stored frame {} has been damaged since this render began; run the same command again",
                  context_.work.frame(index).string()));
}

// Loads the dream from which the twin was carried on.
void FrameMaker::load_past_of(carry::Twin& twin) const {
  if (context_.plan.run_in.empty() || !twin.continues_shot) return;
  auto stored = load(twin.frame.index - 1);
  twin.previous_dreamed = std::move(stored.dreamed);
  twin.note = std::move(stored.note);
}

}  // namespace dreamreel::render
