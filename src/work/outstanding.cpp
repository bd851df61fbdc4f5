#include "dreamreel/work/outstanding.h"

#include <algorithm>

#include "dreamreel/core/log.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/work/stored_note.h"
#include "dreamreel/work/stored_parts.h"

namespace dreamreel::work {

namespace {

// The frames at the start of a segment that are stored, none missing between.
std::int64_t stored_until(const schedule::Plan& plan, const schedule::Segment& segment,
                          const WorkFolder& work) {
  std::int64_t frame = segment.begin;
  while (frame < segment.end && work.load(plan, frame)) ++frame;
  return frame;
}

class PieceState {
 public:
  PieceState(const schedule::Plan& plan, const schedule::Cadence& cadence, const schedule::Piece& piece,
             const WorkFolder& work, const std::filesystem::path& output, const std::atomic<bool>* stop)
      : plan_(plan),
        cadence_(cadence),
        piece_(piece),
        work_(work),
        segments_(schedule::segments_of(plan, piece)) {
    for (const auto& segment : segments_) {
      throw_if_stopped(stop, "interrupted while checking what is there");
      done_.push_back(part_state(plan, segment, work, output) == PartState::whole);
    }
  }

  void add_to(Outstanding& all) {
    for (std::size_t i = 0; i < segments_.size(); ++i)
      if (!done_[i]) i = add_task(i, all);
    for (std::size_t i = 0; i < segments_.size(); ++i)
      if (done_[i]) all.frames_done += segments_[i].end - segments_[i].begin;
  }

 private:
  // A task from segment `i` to the next one that is done; returns the last segment of it.
  std::size_t add_task(std::size_t i, Outstanding& all) {
    std::int64_t resume = stored_until(plan_, segments_[i], work_);
    // Near a segment's border the dream goes on from the last dreamed frame of the one before; without it that is to be
    // rendered again, which gives the same frames.
    while (i > 0 && !has_past(resume, segments_[i])) {
      log_warning("frame " + std::to_string(cadence_.dreamed_before(piece_, resume)) +
                  ", which the dream goes on from, is not there; frames " +
                  std::to_string(segments_[i - 1].begin) + ".. are rendered again");
      done_[--i] = false;
      while (!all.tasks.empty() && all.tasks.back().piece == piece_ &&
             all.tasks.back().end > segments_[i].begin) {
        all.frames_done -= std::max<std::int64_t>(0, all.tasks.back().resume - all.tasks.back().begin);
        all.tasks.pop_back();
      }
      resume = stored_until(plan_, segments_[i], work_);
    }
    // What reaches back into a run-in goes on from its end, which is stored by then.
    if (!has_past(resume, segments_[i])) resume = std::max<std::int64_t>(piece_.start, 0);
    Task task{piece_, segments_[i].begin, resume, 0, cadence_.dreamed_before(piece_, resume), 0, 0};
    if (task.from < piece_.start) task.from = resume;
    task.drawn = task.from < resume ? drawn_in(task.from) : task.from;
    if (resume > task.begin) all.frames_done += resume - task.begin;
    while (i + 1 < segments_.size() && !done_[i + 1]) ++i;
    task.end = task.last = segments_[i].end;
    while (!cadence_.is_dreamed(piece_, --task.last)) task.last += 2;
    all.tasks.push_back(task);
    return i;
  }

  // Whether the dreamed frame before `resume` is stored: in this segment, all before `resume` are.
  bool has_past(std::int64_t resume, const schedule::Segment& segment) const {
    const std::int64_t past = cadence_.dreamed_before(piece_, resume);
    return past >= segment.begin || (past >= piece_.start && work_.load(plan_, past));
  }

  // The frame whose dream a stored one shows. One of a run-in, which may not be stored yet, shows its own.
  std::int64_t drawn_in(std::int64_t frame) const {
    const auto stored = work_.load(plan_, frame);
    return stored ? drawing_in(stored->note).value_or(frame) : frame;
  }

  const schedule::Plan& plan_;
  const schedule::Cadence& cadence_;
  const schedule::Piece& piece_;
  const WorkFolder& work_;
  std::vector<schedule::Segment> segments_;
  std::vector<bool> done_;
};

// The run-in from the first frame on that is not stored, in each of its shots.
std::vector<Task> run_in_tasks(const schedule::Plan& plan, const WorkFolder& work) {
  std::vector<Task> tasks;
  for (const auto& shot : plan.run_in) {
    const auto missing = stored_until(plan, {shot.begin, shot.end}, work);
    if (missing < shot.end) {
      const std::int64_t from = missing > shot.begin ? missing - 1 : missing;
      tasks.push_back(
          {{shot.begin, shot.begin, shot.end, 0}, missing, missing, shot.end, from, shot.end - 1, from});
    }
  }
  return tasks;
}

}  // namespace

Outstanding find_outstanding(const schedule::Plan& plan, const schedule::Cadence& cadence,
                             const std::vector<schedule::Piece>& pieces, const WorkFolder& work,
                             const std::filesystem::path& output, const std::atomic<bool>* stop) {
  Outstanding all;
  for (const auto& piece : pieces) PieceState(plan, cadence, piece, work, output, stop).add_to(all);
  const bool needed = std::ranges::any_of(
      all.tasks, [&](const Task& task) { return task.piece.start < 0 || plan.loop.pulls_before(task.end); });
  if (!needed) return all;
  auto tasks = run_in_tasks(plan, work);
  tasks.insert(tasks.end(), all.tasks.begin(), all.tasks.end());
  all.tasks = std::move(tasks);
  return all;
}

}  // namespace dreamreel::work
