#include "script_player.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dreamreel::schedule {

using Action = FrameStep::Action;

std::vector<ScriptPass> script_of(const ScriptWorld& world, const StoredFolder& folder) {
  const auto left = find_outstanding(world.plan, world.cadence, world.plan.pieces, folder.stored());
  std::vector<ScriptPass> passes;
  for (const auto& run : runs_of(world.job, world.plan, left.tasks)) {
    passes.push_back({run, {}});
    Script script(world.job, world.plan, world.cadence, run);
    while (auto step = script.next()) passes.back().steps.push_back(std::move(*step));
  }
  return passes;
}

void ScriptPlayer::play(const std::vector<ScriptPass>& passes, std::size_t most) {
  for (const auto& pass : passes) {
    std::int64_t expected = -world_.plan.loop.run_in;
    between_.clear();
    remembered_.clear();
    last_decoded_.reset();
    for (const auto& task : pass.run.tasks)
      if (task.piece != pass.run.tasks.front().piece && has_fade(pass.run))
        complain("a piece that fades out shares its run");
    for (const auto& step : pass.steps) {
      if (most-- == 0) return;
      expect(step.frame == expected++, step, "the steps do not follow the source");
      play(step);
      if (!complaint.empty()) return;
    }
    expect(between_.empty(), pass.steps.back(), "a gap is never closed");
  }
}

void ScriptPlayer::expect_everything() {
  for (const auto& piece : world_.plan.pieces)
    for (const auto& segment : segments_of(world_.plan, piece))
      if (!folder_.parts.contains(segment.begin))
        complain(std::to_string(segment.begin) + ".. is in no part");
}

bool ScriptPlayer::has_fade(const Run& run) const {
  return std::ranges::any_of(
      run.tasks, [&](const Task& task) { return fade_out_of(world_.plan, task.piece) != nullptr; });
}

void ScriptPlayer::complain(const std::string& text) {
  if (complaint.empty()) complaint = text;
}

void ScriptPlayer::expect(bool is_right, const FrameStep& step, const char* text) {
  if (!is_right) complain("frame " + std::to_string(step.frame) + ": " + text);
}

void ScriptPlayer::play(const FrameStep& step) {
  expect(!step.needs_motion || last_decoded_ == step.frame - 1, step, "has no frame to find its motion from");
  if (step.action == Action::pass_over) {
    expect(!step.is_shown, step, "is shown and passed over");
    return;
  }
  last_decoded_ = step.frame;
  if (piece_ != step.piece) remembered_.clear();
  piece_ = step.piece;
  expect(step.is_dreamed == world_.cadence.is_dreamed(step.piece, step.frame), step, "is of another cadence");
  if (!step.is_dreamed) {
    between_.push_back(step);
    return;
  }
  if (step.action == Action::dream) dream(step);
  for (const auto& one : between_) {
    if (one.action == Action::fill) fill(one);
    finish(one);
  }
  between_.clear();
  if (step.action == Action::restore) restore(step);
  if (step.is_recalled) recall(step);
  if (step.is_drawing && step.action != Action::dream) drawing_ = step.frame;
  finish(step);
}

void ScriptPlayer::dream(const FrameStep& step) {
  const bool begins =
      step.frame == std::max<std::int64_t>(step.piece.start, 0) || step.frame == step.piece.start;
  const std::int64_t past = world_.cadence.dreamed_before(step.piece, step.frame);
  const bool reaches_back = past >= step.piece.start;
  std::vector<std::int64_t> wanted;
  if (reaches_back) wanted.push_back(past);
  for (const auto older : world_.cadence.older_pasts(step.piece, step.frame)) {
    wanted.push_back(older);
    expect(remembered_.contains(older), step, "leans on an older dream that is not there");
  }
  std::erase_if(remembered_, [&](std::int64_t frame) { return std::ranges::count(wanted, frame) == 0; });
  remembered_.insert(step.frame);
  expect(reaches_back || begins, step, "begins in the middle of a piece");
  if (reaches_back) expect(state_ == past, step, "leans on a dream that is not there");
  const auto& loop = world_.plan.loop;
  expect_pull(step);
  if (step.pull && step.pull->continues_shot && !world_.plan.run_in.empty()) {
    wanted.push_back(step.frame - loop.length - 1);
    expect(folder_.frames.contains(wanted.back()), step, "has no twin");
  }
  expect(step.leans_on == wanted, step, "leans on others");
  expect(!step.may_be_held || (world_.job.temporal.hold && !is_of_twins(loop, step.frame)), step,
         "may not be held");
  before_ = state_;
  state_ = step.frame;
  const bool is_held = step.may_be_held && world_.shows_the_same(step.frame);
  if (is_held) expect(drawing_ && drawing_ == shown_by_state_, step, "is compared with another picture");
  if (!is_held) drawing_ = shown_by_state_ = step.frame;
}

void ScriptPlayer::fill(const FrameStep& step) {
  expect(step.is_shown, step, "is filled in for nobody");
  expect(step.leans_on == std::vector<std::int64_t>{before_.value_or(-1), state_.value_or(-1)}, step,
         "is not filled in from its neighbours");
  expect(before_ < step.frame && step.frame < state_, step, "does not lie between its neighbours");
}

void ScriptPlayer::expect_pull(const FrameStep& step) {
  expect(step.pull.has_value() == (world_.plan.loop.weight_at(step.frame) > 0), step, "is pulled, or not");
}

void ScriptPlayer::restore(const FrameStep& step) {
  expect_pull(step);
  expect(folder_.frames.contains(step.frame), step, "is not stored");
  state_ = step.frame;
  shown_by_state_ = folder_.frames[step.frame];
  remembered_.insert(step.frame);
}

void ScriptPlayer::recall(const FrameStep& step) {
  expect(step.leans_on == std::vector{step.frame}, step, "leans on others than itself");
  expect(folder_.frames.contains(step.frame), step, "is not stored");
  remembered_.insert(step.frame);
}

void ScriptPlayer::finish(const FrameStep& step) {
  const bool is_new = step.action == Action::dream || step.action == Action::fill;
  if (step.is_stored) expect(folder_.frames.contains(step.frame), step, "is not stored");
  if (is_new && !step.is_ahead && (step.is_shown || step.frame < 0))
    all_stored[step.frame] = folder_.frames[step.frame] = step.is_dreamed ? *shown_by_state_ : step.frame;
  const bool is_faded = std::ranges::any_of(
      world_.plan.fades, [&](const Fade& fade) { return step.is_shown && fade.holds(step.frame); });
  expect((step.incoming_weight > 0) == is_faded, step, "shows the incoming dream, or not");
  if (!step.is_shown) {
    expect(!step.ends_segment && step.forgotten.empty(), step, "ends a segment that it is not in");
    return;
  }
  expect(is_new || step.is_stored, step, "is shown without a picture");
  expect(step.segment == segment_at(world_.plan, step.piece, step.frame), step, "is of another segment");
  if (step.frame == step.segment.begin) folder_.parts.erase(step.frame), written_ = step.frame;
  expect(written_ == step.frame, step, "is shown twice, or one before it is not");
  ++*written_;
  expect(step.ends_segment == (step.frame + 1 == step.segment.end), step, "ends a segment too early, or not");
  if (step.ends_segment) close(step);
}

void ScriptPlayer::close(const FrameStep& step) {
  folder_.parts.insert(step.segment.begin);
  for (const auto& [begin, end] : step.forgotten)
    for (std::int64_t frame = begin; frame < end; ++frame) folder_.frames.erase(frame);
  const std::int64_t next = step.segment.end;
  std::vector<std::int64_t> kept;
  if (next < step.piece.end) {
    kept = world_.cadence.older_pasts(step.piece, next);
    kept.push_back(world_.cadence.dreamed_before(step.piece, next));
  }
  for (std::int64_t frame = step.segment.begin; frame < next; ++frame)
    if (folder_.frames.contains(frame) && std::ranges::count(kept, frame) == 0)
      expect(false, step, "keeps what nobody needs");
  for (const auto frame : kept)
    if (frame >= step.segment.begin)
      expect(folder_.frames.contains(frame), step, "throws away what is needed");
}

}  // namespace dreamreel::schedule
