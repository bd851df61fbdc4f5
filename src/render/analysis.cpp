#include "analysis.h"

#include <string>
#include <utility>

#include "background.h"
#include "dreamreel/core/error.h"

namespace dreamreel::render {
namespace {

using Role = AnalysedFrame::Role;

Role role_of(const Task& task, std::int64_t index) {
  if (index >= task.resume) return Role::dream;
  return index >= task.begin ? Role::stored : Role::context;
}

}  // namespace

Analysis::Analysis(FrameSource& source, const job::Temporal& temporal, Twins twins, std::vector<Task> tasks,
                   const std::atomic<bool>* stop)
    : source_(source),
      tasks_(std::move(tasks)),
      stop_(stop),
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
  auto frame = source_.next();
  if (!frame) throw_source_ended();
  ++position_;
  return std::move(*frame);
}

std::optional<AnalysedFrame> Analysis::next() {
  if (task_ < tasks_.size() && position_ >= tasks_[task_].end) ++task_;
  if (task_ >= tasks_.size()) return std::nullopt;
  const Task& task = tasks_[task_];
  skip_to(task.first_decoded());
  AnalysedFrame analysed;
  analysed.frame = decode();
  analysed.role = role_of(task, analysed.frame.index);
  analysed.task = task;
  analysed.shot = static_cast<int>(task.piece.shot);
  analysed.continues_shot = analysed.frame.index > task.piece.start;
  const bool follows = previous_ && previous_->index + 1 == analysed.frame.index;
  if (follows) analysed.motion.seconds_since_previous = analysed.frame.seconds - previous_->seconds;
  const bool is_dreamed = analysed.role == Role::dream;
  if (is_dreamed && analysed.continues_shot) motion_.add(previous_->rgb, analysed.frame.rgb, analysed.motion);
  analysed.twin = twins_.of(analysed.frame.index, is_dreamed);
  previous_ = analysed.frame;
  return analysed;
}

}  // namespace dreamreel::render
