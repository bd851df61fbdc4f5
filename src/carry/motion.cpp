#include "dreamreel/carry/motion.h"

namespace dreamreel::carry {
namespace {

constexpr double kSoftenReliabilityPx = 1;

// Marks are for quick looks, so their flow has to be fast.
flow::FlowOptions options_of(const job::Temporal& temporal) {
  if (!temporal.marks) return {temporal.flow, flow::Quality::medium};
  return {temporal.flow == FlowMethod::best ? FlowMethod::dis : temporal.flow, flow::Quality::fast};
}

}  // namespace

MotionFinder::MotionFinder(const job::Temporal& temporal, const footage::Timeline& timeline)
    : weights_(temporal.distrust),
      timeline_(timeline),
      wants_flow_(temporal.flow != job::Temporal::Flow::none &&
                  (temporal.blend.max() > 0 || temporal.every > 1)),
      wants_reliability_(temporal.occlusion),
      estimator_(options_of(temporal)) {}

void MotionFinder::add(const at::Tensor& previous, const media::VideoFrame& current, Motion& motion) {
  describe(flow(previous, current.rgb), current, motion);
}

std::optional<flow::FlowPair> MotionFinder::flow(const at::Tensor& previous, const at::Tensor& current) {
  if (!wants_flow_ || !previous.defined() || !current.defined()) return {};
  return estimator_.compute(previous, current);
}

void MotionFinder::describe(const std::optional<flow::FlowPair>& flow, const media::VideoFrame& frame,
                            Motion& motion) const {
  if (!flow) return;
  if (wants_reliability_) {
    motion.distrust = flow::distrust(*flow);
    const curve::CurveTime time = timeline_.at(frame);
    motion.reliability =
        flow::reliability(*motion.distrust, kSoftenReliabilityPx,
                          {weights_.outside.at(time), weights_.uncovered.at(time), weights_.edge.at(time)});
  }
  motion.prev_from_cur = flow->prev_from_cur;
}

}  // namespace dreamreel::carry
