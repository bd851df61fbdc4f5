#include "analysis.h"

#include <utility>

#include "dreamreel/core/error.h"
#include "resolve.h"

namespace dreamreel::render {

Analysis::Analysis(FrameSource& source, const job::Temporal& temporal, const FrameRange& range,
                   const std::atomic<bool>* stop)
    : source_(source),
      range_(range),
      stop_(stop),
      find_cuts_(temporal.cuts == job::Temporal::Cuts::automatic),
      wants_flow_(temporal.flow != job::Temporal::Flow::none && temporal.blend.max() > 0),
      wants_reliability_(temporal.occlusion),
      estimator_({flow_method(temporal.flow), flow::Quality::medium}) {}

bool Analysis::begins_shot(const media::VideoFrame& frame) {
  if (!frame.rgb.defined()) return false;
  const bool cut = find_cuts_ && cuts_.is_cut(frame.rgb);
  return !previous_ || cut;
}

void Analysis::add_flow(AnalysedFrame& analysed) {
  if (!wants_flow_ || !analysed.frame.rgb.defined()) return;
  auto flow = estimator_.compute(previous_->rgb, analysed.frame.rgb);
  if (wants_reliability_) analysed.reliability = flow::reliability(flow);
  analysed.prev_from_cur = std::move(flow.prev_from_cur);
}

std::optional<AnalysedFrame> Analysis::next() {
  while (auto frame = source_.next()) {
    if (stop_ && stop_->load()) throw Interrupted("interrupted while reading the source");
    if (range_.end && frame->index >= *range_.end) return std::nullopt;
    AnalysedFrame analysed;
    analysed.frame = std::move(*frame);
    const bool cut = begins_shot(analysed.frame);
    if (cut && previous_) ++shot_;
    analysed.shot = shot_;
    analysed.continues_shot = previous_ && !cut && analysed.frame.index > range_.begin;
    if (previous_) analysed.seconds_since_previous = analysed.frame.seconds - previous_->seconds;
    if (analysed.continues_shot) add_flow(analysed);
    previous_ = analysed.frame;
    if (analysed.frame.index >= range_.begin) return analysed;
  }
  return std::nullopt;
}

}  // namespace dreamreel::render
