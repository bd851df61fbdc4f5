#include "dreamreel/carry/analysis.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/flow/composed.h"
#include "dreamreel/flow/overall_shift.h"

namespace dreamreel::carry {
namespace {

using Action = schedule::FrameStep::Action;
using Path = std::optional<flow::FlowPair>;  // nothing if no flow is wanted

std::vector<Recall::Older> older_of(const schedule::FrameStep& step, const Motion& motion) {
  std::vector<Recall::Older> older;
  for (const auto frame : step.older_pasts()) {
    const double times = static_cast<double>(step.frame - frame) / motion.frames_since_previous;
    older.push_back({frame, flow::steady_shift(*motion.prev_from_cur, times)});
  }
  return older;
}

Path composed(const Path& first, const Path& second) {
  if (!first || !second) return {};
  return flow::composed(*first, *second);
}

}  // namespace

Analysis::Analysis(footage::FrameSource& source, const job::Temporal& temporal,
                   const footage::Timeline& timeline, const Hold& hold, Twins twins, schedule::Script script,
                   const std::atomic<bool>* stop, Trace* trace)
    : source_(source),
      script_(std::move(script)),
      stop_(stop),
      trace_(trace),
      hold_(hold),
      motion_(temporal, timeline),
      twins_(std::move(twins)),
      recall_(temporal),
      deepens_(temporal.deepen.max() > 0),
      shows_maps_(temporal.maps) {}

void Analysis::throw_source_ended(std::int64_t index) const {
  throw DataError(
      fmt::format("the source ends after {} frames, but the plan has {}; has it changed, or can it not be "
                  "read to its end any more?",
                  index, script_.end()));
}

// Jumps to frame `next` of the script, `count` frames ahead.
void Analysis::pass_over(std::int64_t count, std::int64_t next) {
  throw_if_stopped(stop_, "interrupted while reading the source");
  const std::int64_t passed = count > 0 ? source_.skip(count) : 0;
  if (passed < count) throw_source_ended(next - count + passed);
}

media::VideoFrame Analysis::decode(std::int64_t index) {
  throw_if_stopped(stop_, "interrupted while reading the source");
  const TraceSpan span(trace_, Trace::Track::source, "decode", index);
  auto frame = source_.next();
  if (!frame) throw_source_ended(index);
  return std::move(*frame);
}

AnalysedFrame Analysis::analyse(schedule::FrameStep step) {
  AnalysedFrame analysed;
  analysed.frame = decode(step.frame);
  analysed.step = std::move(step);
  if (analysed.step.is_dreamed) find_drawing(analysed);
  // A held frame needs no motion. Nor does its path, unless frames to be filled in lie before it.
  if (analysed.step.needs_motion && (!analysed.held_from || !between_.empty())) {
    const TraceSpan span(trace_, Trace::Track::source, "flow", analysed.frame.index);
    find_motion(analysed);
  }
  look_back(analysed);
  if (analysed.step.pull) analysed.twin = twins_.of(*analysed.step.pull, analysed.step.needs_motion);
  previous_ = analysed.frame;
  return analysed;
}

void Analysis::find_drawing(AnalysedFrame& analysed) {
  const auto& step = analysed.step;
  if (step.may_be_held && drawn_ && dreamed_ && hold_.holds(*drawn_, *dreamed_, analysed.frame))
    analysed.held_from = drawn_->index;
  else if (step.is_drawing || step.action == Action::dream)
    drawn_ = analysed.frame;
}

// The motion since the last dreamed frame. It is composed of the flows from each frame to the next, because
// the flow of a small movement is found best.
void Analysis::find_motion(AnalysedFrame& analysed) {
  flows_.push_back(motion_.flow(previous_->rgb, analysed.frame.rgb));
  path_ = flows_.size() == 1 ? flows_.back() : composed(path_, flows_.back());
  analysed.motion.seconds_since_previous = analysed.frame.seconds - dreamed_->seconds;
  analysed.motion.frames_since_previous = static_cast<double>(analysed.frame.index - dreamed_->index);
  const auto action = analysed.step.action;
  if (action == Action::dream || action == Action::fill)
    motion_.describe(path_, analysed.frame, analysed.motion);
}

// For what the last frame did not show, into older ones.
void Analysis::look_back(AnalysedFrame& analysed) {
  const auto& step = analysed.step;
  const auto& motion = analysed.motion;
  const bool is_wanted = deepens_ || step.backward || !step.older_pasts().empty();
  if (is_wanted && step.action == Action::dream && !analysed.held_from && motion.reliability) {
    const TraceSpan span(trace_, Trace::Track::source, "look back", analysed.frame.index);
    at::Tensor open = 1 - *motion.reliability;
    analysed.recollections = recall_.recollect(analysed.frame.rgb, open, older_of(step, motion));
    if (step.backward) analysed.open = open;
    // A loop's last frames have to become their twins to the bit.
    if (deepens_ && !step.pull && step.frame >= 0) analysed.fresh = fresh_places(*motion.distrust, open);
  }
  if (step.action == Action::dream) recall_.keep_only(step.leans_on);
  if (step.is_kept_in_mind) recall_.keep(analysed.frame.index, analysed.frame.rgb);
  if (!shows_maps_) analysed.motion.distrust.reset();
}

// The motion from each frame in between to the dreamed frame that has just come.
void Analysis::find_motion_ahead(const media::VideoFrame& dreamed) {
  Path ahead;
  for (std::size_t i = std::min(between_.size(), flows_.size()); i-- > 0;) {
    ahead = ahead ? composed(flows_[i + 1], ahead) : flows_[i + 1];
    const auto [frame, motion] = std::tie(between_[i].frame, between_[i].motion_ahead);
    motion.seconds_since_previous = dreamed.seconds - frame.seconds;
    motion.frames_since_previous = static_cast<double>(dreamed.index - frame.index);
    if (between_[i].step.action != Action::fill || !ahead) continue;
    motion_.describe(flow::FlowPair{ahead->cur_from_prev, ahead->prev_from_cur}, frame, motion);
    motion.distrust.reset();
  }
}

std::optional<AnalysedFrame> Analysis::next() {
  std::int64_t passed_over = 0;  // frames passed over in a row
  while (auto step = script_.next()) {
    if (step->action == Action::pass_over) {
      ++passed_over;
      continue;
    }
    pass_over(std::exchange(passed_over, 0), step->frame);
    auto analysed = analyse(std::move(*step));
    if (!analysed.step.is_dreamed) {
      between_.push_back(std::move(analysed));
      continue;
    }
    find_motion_ahead(analysed.frame);
    analysed.between = std::exchange(between_, {});
    flows_.clear();
    dreamed_ = analysed.frame;
    return analysed;
  }
  return std::nullopt;
}

}  // namespace dreamreel::carry
