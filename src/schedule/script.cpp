#include "dreamreel/schedule/script.h"

#include <algorithm>
#include <utility>

#include "dreamreel/schedule/feedback.h"

namespace dreamreel::schedule {
namespace {

using Action = FrameStep::Action;

bool contains(const std::vector<std::int64_t>& frames, std::int64_t frame) {
  return std::ranges::find(frames, frame) != frames.end();
}

// The parts of a range that remain without some of its frames. The frames may lie outside the range.
std::vector<Segment> without(const Segment& range, std::vector<std::int64_t> kept) {
  std::ranges::sort(kept);
  std::vector<Segment> rest;
  std::int64_t begin = range.begin;
  for (const std::int64_t frame : kept) {
    if (frame < begin || frame >= range.end) continue;
    if (begin < frame) rest.push_back({begin, frame});
    begin = frame + 1;
  }
  if (begin < range.end) rest.push_back({begin, range.end});
  return rest;
}

Action action_of(const Task& task, std::int64_t frame, bool is_dreamed, bool is_shown) {
  if (frame >= task.resume && is_dreamed) return Action::dream;
  if (frame >= task.resume) return is_shown ? Action::fill : Action::look;
  if (frame == task.from) return Action::restore;
  if (frame >= task.begin) return Action::replay;
  // Between the oldest of these frames and the restored frame, no motion passes through a frame.
  return frame == task.drawn || contains(task.recalled, frame) || frame > task.from ? Action::look
                                                                                    : Action::pass_over;
}

}  // namespace

std::vector<Run> runs_of(const job::Job& job, const Plan& plan, const std::vector<Task>& tasks) {
  std::vector<Run> runs;
  for (const auto& task : tasks) {
    // Pure feedback has a first picture for each piece. After a run-in, the last frame of the run-in is
    // needed once more. A piece that fades out is dreamed with curves of its own (outgoing_job()), so it
    // shares no run with another piece.
    const auto has_own_run = [&](const Piece& piece) {
      return is_feedback(job) || fade_out_of(plan, piece) != nullptr;
    };
    const auto shares_no_run = [&](const Piece& before) {
      return before != task.piece && (has_own_run(task.piece) || has_own_run(before));
    };
    const bool begins = runs.empty() || task.first_decoded() <= runs.back().tasks.back().last ||
                        shares_no_run(runs.back().tasks.back().piece);
    if (begins) runs.push_back({task.piece.start, -plan.loop.run_in, 0, {}});
    runs.back().tasks.push_back(task);
    runs.back().end = task.last + 1;
  }
  return runs;
}

std::vector<std::int64_t> FrameStep::older_pasts() const {
  if (action != Action::dream || pull || leans_on.empty()) return {};
  return {leans_on.begin() + 1, leans_on.end()};
}

Script::Script(const job::Job& job, const Plan& plan, const Cadence& cadence, Run run, bool keeps_dreams)
    : job_(job),
      plan_(plan),
      cadence_(cadence),
      run_(std::move(run)),
      keeps_dreams_(keeps_dreams),
      position_(run_.begin) {}

std::optional<FrameStep> Script::next() {
  while (task_ < run_.tasks.size() && position_ > run_.tasks[task_].last) ++task_;
  if (task_ == run_.tasks.size()) return {};
  return step_of(run_.tasks[task_], position_++);
}

FrameStep Script::step_of(const Task& task, std::int64_t frame) const {
  FrameStep step;
  step.frame = frame;
  step.piece = task.piece;
  if (frame < task.first_decoded()) return step;
  step.is_dreamed = cadence_.is_dreamed(task.piece, frame);
  step.is_ahead = frame >= task.end;
  step.is_shown = frame >= std::max<std::int64_t>(0, task.begin) && !step.is_ahead;
  step.action = action_of(task, frame, step.is_dreamed, step.is_shown);
  step.is_recalled = contains(task.recalled, frame);
  step.is_stored = step.action == Action::restore || step.action == Action::replay || step.is_recalled;
  step.continues_shot = frame > task.piece.start;
  step.needs_motion = step.continues_shot && frame > task.from;
  step.is_drawing = frame == task.drawn;
  step.is_kept_in_mind = cadence_.remembers() &&
                         (step.is_recalled || step.action == Action::restore || step.action == Action::dream);
  lean(task, step);
  if (step.is_shown) close_segment(step);
  if (const Fade* const fade = step.is_shown ? fade_out_of(plan_, task.piece) : nullptr)
    if (fade->holds(frame)) step.incoming_weight = fade->weight_at(frame);
  return step;
}

void Script::lean(const Task& task, FrameStep& step) const {
  const std::int64_t past = cadence_.dreamed_before(task.piece, step.frame);
  const bool is_replayed = step.action == Action::replay && step.is_dreamed;
  if (step.action == Action::dream || step.action == Action::restore || is_replayed)
    step.pull = pull_of(step.frame);
  if (step.is_stored) {
    step.leans_on = {step.frame};
  } else if (step.action == Action::fill) {
    std::int64_t after = step.frame + 1;
    while (!cadence_.is_dreamed(task.piece, after)) ++after;
    step.leans_on = {past, after};
  } else if (step.action == Action::dream) {
    if (step.needs_motion) {
      step.leans_on.push_back(past);
      const auto older = cadence_.older_pasts(task.piece, step.frame);
      step.leans_on.insert(step.leans_on.end(), older.begin(), older.end());
    }
    if (step.pull && step.pull->continues_shot && !plan_.run_in.empty())
      step.leans_on.push_back(step.pull->frame - 1);
    if (dreams_backward(job_)) step.backward = backward_pass_of(plan_, cadence_, task.piece, step.frame);
    // The last frames of a loop and its run-in are never held, because each of these frames needs its own
    // twin.
    step.may_be_held =
        job_.temporal.hold && !is_feedback(job_) && step.needs_motion && !is_of_twins(plan_.loop, step.frame);
  }
}

std::optional<FrameStep::Pull> Script::pull_of(std::int64_t frame) const {
  const double weight = plan_.loop.weight_at(frame);
  if (weight <= 0) return {};
  const std::int64_t twin = plan_.loop.twin_of(frame);
  std::int64_t shot_begin = -plan_.loop.run_in;
  for (const auto& shot : plan_.run_in)
    if (shot.begin <= twin) shot_begin = shot.begin;
  return FrameStep::Pull{twin, weight, twin > shot_begin, shot_begin};
}

// The last dreamed frame stays until everything is joined, and so do the older frames that the next frame
// leans on. The next segment of the piece continues from them. This holds even if that segment is lost and
// has to be rendered again.
void Script::close_segment(FrameStep& step) const {
  step.segment = segment_at(plan_, step.piece, step.frame);
  const std::int64_t end = step.segment.end;
  step.ends_segment = step.frame + 1 == end;
  if (step.ends_segment && dreams_backward(job_)) {
    const bool is_first = step.segment.begin == step.piece.begin, is_last = end == step.piece.end;
    const std::int64_t looked_at = last_look(end, end_of_shot(plan_, step.piece), plan_.segment_frames);
    step.forgotten_backward = {is_first ? step.piece.start : step.segment.begin, is_last ? looked_at : end};
  }
  if (!step.ends_segment || keeps_dreams_) return;
  std::vector<std::int64_t> kept;
  if (end < step.piece.end) {
    kept = cadence_.older_pasts(step.piece, end);
    kept.push_back(cadence_.dreamed_before(step.piece, end));
  }
  step.forgotten = without(step.segment, std::move(kept));
}

}  // namespace dreamreel::schedule
