#include "analysis.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"

namespace dreamreel::render {
namespace {

using Role = AnalysedFrame::Role;

Role role_of(const work::Task& task, std::int64_t index) {
  if (index >= task.end) return Role::ahead;
  if (index >= task.resume) return Role::dream;
  return index >= task.begin ? Role::stored : Role::context;
}

using Path = std::optional<flow::FlowPair>;  // nothing where no flow is wanted

Path composed(const Path& first, const Path& second) {
  if (!first || !second) return {};
  return flow::composed(*first, *second);
}

}  // namespace

Analysis::Analysis(FrameSource& source, const job::Temporal& temporal, const schedule::Cadence& cadence,
                   const Hold& hold, Twins twins, std::vector<work::Task> tasks,
                   const std::atomic<bool>* stop, Trace* trace)
    : source_(source),
      tasks_(std::move(tasks)),
      stop_(stop),
      trace_(trace),
      cadence_(cadence),
      hold_(hold),
      motion_(temporal),
      twins_(std::move(twins)),
      position_(-source.loop().run_in) {}

void Analysis::throw_source_ended() const {
  throw DataError("the source ends after " + std::to_string(position_) + " frames, but the plan has " +
                  std::to_string(tasks_.back().end) +
                  "; has it changed, or can it not be read to its end any more?");
}

void Analysis::skip_to(std::int64_t index) {
  for (; position_ < index; ++position_) {
    throw_if_stopped(stop_, "interrupted while reading the source");
    if (!source_.skip()) throw_source_ended();
  }
}

media::VideoFrame Analysis::decode() {
  throw_if_stopped(stop_, "interrupted while reading the source");
  const TraceSpan span(trace_, Trace::Track::source, "decode", position_);
  auto frame = source_.next();
  if (!frame) throw_source_ended();
  ++position_;
  return std::move(*frame);
}

void Analysis::begin_task() {
  drawn_.reset();
  dreamed_.reset();
  previous_.reset();
  between_.clear();
  steps_.clear();
  skip_to(tasks_[task_].first_decoded());
}

AnalysedFrame Analysis::analyse(const work::Task& task) {
  AnalysedFrame analysed;
  analysed.frame = decode();
  const auto index = analysed.frame.index;
  analysed.role = role_of(task, index);
  analysed.task = task;
  analysed.shot = static_cast<int>(task.piece.shot);
  analysed.continues_shot = index > task.piece.start;
  const bool goes_on = index > task.from && dreamed_ && analysed.continues_shot;
  if (cadence_.is_dreamed(task.piece, index)) find_drawing(analysed);
  // A held frame goes nowhere, and neither does the path to it where nothing lies between.
  if (goes_on && (!analysed.held_from || !between_.empty())) {
    const TraceSpan span(trace_, Trace::Track::source, "flow", index);
    find_motion(analysed);
  }
  analysed.twin = twins_.of(index, goes_on);
  previous_ = analysed.frame;
  return analysed;
}

// Up to task.from it is known from before which frame was dreamed last.
void Analysis::find_drawing(AnalysedFrame& analysed) {
  const auto& frame = analysed.frame;
  if (frame.index <= analysed.task.from) {
    if (frame.index == analysed.task.drawn) drawn_ = frame;
    return;
  }
  if (analysed.continues_shot && drawn_ && dreamed_ && hold_.holds(*drawn_, *dreamed_, frame))
    analysed.held_from = drawn_->index;
  else
    drawn_ = frame;
}

// Since the last dreamed frame, by way of all frames between: motion from frame to frame is small and found best.
void Analysis::find_motion(AnalysedFrame& analysed) {
  steps_.push_back(motion_.flow(previous_->rgb, analysed.frame.rgb));
  path_ = steps_.size() == 1 ? steps_.back() : composed(path_, steps_.back());
  analysed.motion.seconds_since_previous = analysed.frame.seconds - dreamed_->seconds;
  analysed.motion.frames_since_previous = static_cast<double>(analysed.frame.index - dreamed_->index);
  if (analysed.role >= Role::dream) motion_.describe(path_, analysed.motion);
}

// From each frame between to the dreamed one that has come.
void Analysis::find_motion_ahead(const media::VideoFrame& dreamed) {
  Path ahead;
  for (std::size_t i = std::min(between_.size(), steps_.size()); i-- > 0;) {
    ahead = ahead ? composed(steps_[i + 1], ahead) : steps_[i + 1];
    const auto [frame, motion] = std::tie(between_[i].frame, between_[i].motion_ahead);
    motion.seconds_since_previous = dreamed.seconds - frame.seconds;
    motion.frames_since_previous = static_cast<double>(dreamed.index - frame.index);
    if (between_[i].role != Role::dream || !ahead) continue;
    motion_.describe(flow::FlowPair{ahead->cur_from_prev, ahead->prev_from_cur}, motion);
  }
}

std::optional<AnalysedFrame> Analysis::next() {
  for (;;) {
    const bool is_over = task_ < tasks_.size() && position_ > tasks_[task_].last;
    if (is_over) ++task_;
    if (task_ >= tasks_.size()) return std::nullopt;
    if (is_over || !begun_) begin_task();
    begun_ = true;
    const work::Task& task = tasks_[task_];
    auto analysed = analyse(task);
    if (!cadence_.is_dreamed(task.piece, analysed.frame.index)) {
      between_.push_back(std::move(analysed));
      continue;
    }
    find_motion_ahead(analysed.frame);
    analysed.between = std::exchange(between_, {});
    steps_.clear();
    dreamed_ = analysed.frame;
    return analysed;
  }
}

}  // namespace dreamreel::render
