#include "dreamreel/schedule/outstanding.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "dreamreel/core/log.h"

namespace dreamreel::schedule {
namespace {

// The end of the unbroken run of stored frames at the start of a segment.
std::int64_t stored_until(const Segment& segment, const Stored& stored) {
  std::int64_t frame = segment.begin;
  while (frame < segment.end && stored.drawing_of(frame)) ++frame;
  return frame;
}

class PieceState {
 public:
  PieceState(const Plan& plan, const Cadence& cadence, const Piece& piece, const Stored& stored)
      : cadence_(cadence), piece_(piece), stored_(stored), segments_(segments_of(plan, piece)) {
    for (const auto& segment : segments_) done_.push_back(stored.has_part(segment));
    resume_.resize(segments_.size());
  }

  void add_to(Outstanding& all) {
    for (std::size_t i = 0; i < segments_.size(); ++i)
      if (!done_[i]) find_past_of(i);
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      if (!done_[i]) i = add_task(i, all);
      if (done_[i]) all.frames_done += segments_[i].end - segments_[i].begin;
    }
  }

 private:
  // Near the border of a segment, the dream continues from dreamed frames of earlier segments. If such a
  // frame is missing, the segment before is rendered again, which gives the same frames.
  void find_past_of(std::size_t i) {
    for (; i > 0 && done_[i - 1]; --i) {
      const std::int64_t resume = resume_of(i);
      const auto missing = missing_past(resume, segments_[i]);
      if (!missing) return;
      log_warning(
          fmt::format("frame {}, which the dream goes on from, is not there; frames {}.. are rendered again",
                      *missing, segments_[i - 1].begin));
      done_[i - 1] = false;
    }
  }

  // Adds a task that reaches from segment `i` to the next finished segment. Returns the last segment of the
  // task.
  std::size_t add_task(std::size_t i, Outstanding& all) {
    std::int64_t resume = resume_of(i);
    // Frames may also be stored beyond the end of the segment, if they were not encoded yet or are to be
    // encoded anew.
    for (std::size_t j = i; resume == segments_[j].end && j + 1 < segments_.size() && !done_[j + 1];)
      resume = resume_of(++j);
    // A piece that reaches back into a run-in continues from the end of the run-in, which is stored by then.
    if (missing_past(resume, segments_[i])) resume = std::max<std::int64_t>(piece_.start, 0);
    Task task{piece_, segments_[i].begin, resume, 0, cadence_.dreamed_before(piece_, resume), 0, 0};
    task.recalled = cadence_.older_pasts(piece_, resume);
    if (task.from < piece_.start) task.from = resume;
    task.drawn = task.from < resume ? drawn_in(task.from) : task.from;
    if (resume > task.begin) all.frames_done += resume - task.begin;
    while (i + 1 < segments_.size() && !done_[i + 1]) ++i;
    task.end = task.last = segments_[i].end;
    while (!cadence_.is_dreamed(piece_, --task.last)) task.last += 2;
    all.tasks.push_back(task);
    return i;
  }

  // The first frame of a segment that is not stored. To find it, all frames before it have to be read.
  std::int64_t resume_of(std::size_t i) {
    if (!resume_[i]) resume_[i] = stored_until(segments_[i], stored_);
    return *resume_[i];
  }

  // A dreamed frame on which frames from `resume` on lean, and which is not stored. Frames of this segment
  // need no check, because all of them before `resume` are stored.
  std::optional<std::int64_t> missing_past(std::int64_t resume, const Segment& segment) const {
    std::vector<std::int64_t> pasts{cadence_.dreamed_before(piece_, resume)};
    const auto older = cadence_.older_pasts(piece_, resume);
    pasts.insert(pasts.end(), older.begin(), older.end());
    for (const std::int64_t past : pasts)
      if (past < segment.begin && !is_stored(past)) return past;
    return {};
  }

  // The frames with which a piece warms up are never stored. Another piece may have stored its own frames
  // under the same numbers.
  bool is_stored(std::int64_t frame) const {
    const bool is_stored_by_us = frame < 0 || frame >= piece_.begin;
    return frame >= piece_.start && is_stored_by_us && stored_.drawing_of(frame).has_value();
  }

  // The frame whose dream a stored frame shows. A frame of a run-in may not be stored yet; it shows its own
  // dream. The number comes from a file, so it may have any value.
  std::int64_t drawn_in(std::int64_t frame) const {
    const std::int64_t drawn = stored_.drawing_of(frame).value_or(frame);
    const bool fits = drawn >= piece_.start && drawn <= frame && cadence_.is_dreamed(piece_, drawn);
    return fits ? drawn : frame;
  }

  const Cadence& cadence_;
  const Piece& piece_;
  const Stored& stored_;
  std::vector<Segment> segments_;
  std::vector<bool> done_;
  std::vector<std::optional<std::int64_t>> resume_;
};

// For each shot of the run-in, a task from its first missing frame on.
std::vector<Task> run_in_tasks(const Plan& plan, const Stored& stored) {
  std::vector<Task> tasks;
  for (const auto& shot : plan.run_in) {
    const auto missing = stored_until({shot.begin, shot.end}, stored);
    if (missing < shot.end) {
      const std::int64_t from = missing > shot.begin ? missing - 1 : missing;
      tasks.push_back(
          {{shot.begin, shot.begin, shot.end, 0}, missing, missing, shot.end, from, shot.end - 1, from});
    }
  }
  return tasks;
}

}  // namespace

Task incoming_task(const Plan& plan, const Fade& fade) {
  const Piece piece = incoming_of(plan, fade);
  return {piece, piece.begin, piece.begin, piece.end, piece.begin, piece.end - 1, piece.begin};
}

Outstanding find_outstanding(const Plan& plan, const Cadence& cadence, const std::vector<Piece>& pieces,
                             const Stored& stored) {
  Outstanding all;
  for (const auto& piece : pieces) PieceState(plan, cadence, piece, stored).add_to(all);
  const bool needed = std::ranges::any_of(
      all.tasks, [&](const Task& task) { return task.piece.start < 0 || plan.loop.pulls_before(task.end); });
  if (!needed) return all;
  auto tasks = run_in_tasks(plan, stored);
  tasks.insert(tasks.end(), all.tasks.begin(), all.tasks.end());
  all.tasks = std::move(tasks);
  return all;
}

}  // namespace dreamreel::schedule
