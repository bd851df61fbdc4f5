#include "dreamreel/prepare/forecast.h"

#include <algorithm>
#include <filesystem>

#include "dreamreel/core/error.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/prepare/changes.h"
#include "dreamreel/prepare/delivered.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/changes.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/work/facts.h"
#include "dreamreel/work/outstanding.h"
#include "dreamreel/work/rendered.h"
#include "earlier_keys.h"

namespace dreamreel::prepare {

void expect_no_smaller_range(const schedule::FrameRange& before, const schedule::FrameRange& now,
                             const std::string& root) {
  const bool holds = now.begin <= before.begin && (!now.end || (before.end && *before.end <= *now.end));
  if (holds) return;
  throw DataError(
      root +
      " holds a render that was begun with more frames than --frames asks for now; finish that one, "
      "give another output with -o, or throw it away with --restart");
}

namespace {

// nullopt for a plan that is damaged or too old, because a render makes such a plan anew.
std::optional<schedule::Plan> readable_plan(const std::filesystem::path& file) {
  try {
    return schedule::read_plan(file);
  } catch (const DataError&) {
    return {};
  }
}

// The frames of a task that are made and shown. Frames before `begin` only warm the dream up, and frames
// before `resume` are stored.
schedule::Segment made_of(const schedule::Task& task) {
  return {std::max({task.begin, task.resume, task.piece.begin}), task.end};
}

// The stored frames of a task, which are encoded again.
schedule::Segment encoded_of(const schedule::Task& task) {
  return {std::max(task.begin, task.piece.begin), std::min(task.resume, task.end)};
}

void add(std::vector<schedule::Segment>& all, const schedule::Segment& one) {
  if (one.begin >= one.end) return;
  if (!all.empty() && all.back().end == one.begin)
    all.back().end = one.end;
  else
    all.push_back(one);
}

// The frames of `encoded` that show now otherwise than they will. What shows is a part of the earlier plan,
// or a stored picture.
std::vector<schedule::Segment> shown_otherwise(const std::vector<schedule::Segment>& encoded,
                                               const work::WorkFolder& work, const EarlierKeys& earlier,
                                               const schedule::FrameKeys& keys) {
  std::vector<schedule::Segment> found;
  const auto stored = work::rendered_in(work);
  for (const auto& segment : encoded)
    for (std::int64_t frame = segment.begin; frame < segment.end; ++frame) {
      const auto key = keys.of(frame);
      const auto* const part = stored.part_showing(frame);
      const bool is_same = part == nullptr ? work::shows(work, key, frame)
                                           : std::ranges::binary_search(stored.current, part->begin) &&
                                                 earlier.shown(frame) == key.shown;
      if (!is_same) add(found, {frame, frame + 1});
    }
  return found;
}

}  // namespace

std::optional<Forecast> forecast(const job::Job& job, const schedule::FrameRange& frames,
                                 const std::atomic<bool>* stop) {
  const work::WorkFolder work(work::work_folder_beside(job.output.path));
  if (!std::filesystem::exists(work.plan())) return {};
  const auto found = readable_plan(work.plan());
  if (!found) return {};
  const schedule::Plan& before = *found;
  const auto facts = work::facts_of(job, frames);
  expect_no_smaller_range(before.facts.range, frames, work.root().string());
  PlanOptions options;
  options.range = frames;
  options.shots_cache = work.shots();
  options.writes_cache = false;
  options.stop = stop;
  options.segment_frames = before.segment_frames;
  auto now = make_plan(job, facts, options);
  const auto source = footage::open_source_in_background(job, now.begin(), stop, now.loop);
  const footage::Timeline timeline(job, source->info(), stop);
  const schedule::FrameKeys keys(
      job, now, [&](std::int64_t frame, double seconds) { return timeline.at(frame, seconds); });
  now.part_keys = keys.part_keys();

  const schedule::Cadence cadence(job.temporal.every, now.loop,
                                  schedule::frames_remembered(job, now.clock.frames_per_second));
  const auto left = work::find_outstanding(
      now, cadence, now.pieces, work, [&](std::int64_t frame) { return keys.of(frame); }, job.output.path,
      stop, work::Look::labels);
  Forecast result;
  if (!before.facts.differences(facts).empty()) result.lines = changes_of(before, job, now, timeline);
  result.lines.push_back(schedule::in_words(left, now.pieces));
  std::vector<schedule::Segment> encoded;
  for (const auto& task : left.tasks) {
    result.dreamed += cadence.count(task.piece, std::min(task.resume, task.last + 1), task.last + 1);
    if (schedule::dreams_backward(job))
      result.dreamed += schedule::count_backward(now, cadence, task.piece, task.resume, task.end);
    if (task.resume == task.piece.start) ++result.shots_begun;
    if (task.piece.begin < now.begin()) continue;
    add(result.rendered, made_of(task));
    add(encoded, encoded_of(task));
  }
  if (!encoded.empty())
    result.shown_anew = shown_otherwise(encoded, work, EarlierKeys(before, timeline), keys);
  result.frames = {now.begin(), now.end()};
  const bool several = job::has_several_outputs(job);
  for (const auto& one : job::jobs_of_outputs(job))
    result.encodes.push_back(!several || !left.tasks.empty() || !is_delivered(one, now, work));
  return result;
}

}  // namespace dreamreel::prepare
