// Carries out the scripts of thousands of plans, cadences, loops and sets of stored frames.
#include "dreamreel/schedule/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dreamreel/core/log.h"
#include "script_player.h"

namespace dreamreel::schedule {
namespace {

std::vector<Shot> shots_of(const std::vector<std::int64_t>& lengths, std::int64_t begin) {
  std::vector<Shot> shots;
  for (const auto length : lengths) shots.push_back({begin, begin + length}), begin += length;
  return shots;
}

// The pieces of shots: whole shots, or shots cut into pieces of at most `most` frames with `warmup` frames
// before them.
std::vector<Piece> pieces_of(const std::vector<Shot>& shots, std::int64_t most, std::int64_t warmup) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < shots.size(); ++i)
    for (std::int64_t from = shots[i].begin; from < shots[i].end; from = pieces.back().end) {
      const std::int64_t to = most > 0 ? std::min(shots[i].end, from + most) : shots[i].end;
      const std::int64_t start = from == shots[i].begin ? from : std::max(shots[i].begin, from - warmup);
      pieces.push_back({start, from, to, static_cast<std::int64_t>(i)});
    }
  return pieces;
}

// Cross-fades at some of the cuts, and one in which an excerpt begins.
void add_fades(Plan& plan, bool is_excerpt, std::mt19937_64& random) {
  const auto fade_at = [&](std::size_t shot, std::int64_t begin, std::int64_t out_start) {
    const auto frames = 1 + static_cast<std::int64_t>(random() % 6);
    const std::int64_t end = std::min(begin + frames, plan.shots[shot].end);
    if (end > plan.shots[shot].begin) plan.fades.push_back({begin, end, frames, out_start, {0}});
  };
  if (is_excerpt && random() % 2 == 0) fade_at(0, plan.begin() - 2, plan.begin() - 4);
  for (std::size_t i = 1; i < plan.shots.size(); ++i)
    if (random() % 3 > 0) fade_at(i, plan.shots[i].begin, plan.shots[i - 1].begin);
  plan.pieces = with_fades(plan.pieces, plan, plan.begin() - 3);
}

ScriptWorld world_of(std::mt19937_64& random) {
  const auto one_of = [&](const auto& list) { return list[random() % list.size()]; };
  ScriptWorld world;
  const bool is_excerpt = random() % 4 == 0;
  const auto lengths =
      one_of(std::vector<std::vector<std::int64_t>>{{1}, {2}, {11}, {2, 3}, {7, 1, 6}, {4, 8}, {17}, {40}});
  auto& plan = world.plan;
  plan.shots = shots_of(lengths, is_excerpt ? 5 : 0);
  plan.segment_frames = one_of(std::vector<std::int64_t>{1, 2, 3, 4, 5, 120});
  plan.pieces = pieces_of(plan.shots, one_of(std::vector<std::int64_t>{0, 0, 3, 4}),
                          one_of(std::vector<std::int64_t>{0, 1, 2, 3}));
  const bool feedback = random() % 3 == 0;
  if (feedback) world.job.input.noise.emplace();
  world.job.temporal.hold = !feedback && random() % 2 == 0;
  const int every = one_of(std::vector<int>{1, 1, 2, 3, 5});
  const std::int64_t end = plan.shots.back().end;
  if (end >= 6 && random() % 3 == 0) {
    auto& loop = plan.loop;
    loop.crossfade = 2 + static_cast<std::int64_t>(random() % 2);
    loop.run_in = feedback ? 2 * loop.crossfade : loop.crossfade;
    loop.length = end;
    if (random() % 4 > 0) {  // otherwise nothing is carried
      plan.run_in = {{-loop.run_in, 0}};
      if (!feedback && random() % 2 == 0) plan.run_in = {{-loop.run_in, -1}, {-1, 0}};
      if (random() % 3 > 0) plan.pieces.front().start = plan.run_in.back().begin;
    }
  } else if (is_excerpt && random() % 2 == 0) {
    plan.pieces.front().start -= plan.pieces.front().start / every * every;
  }
  if (!plan.loop && random() % 3 == 0) add_fades(plan, is_excerpt, random);
  world.cadence = Cadence(every, plan.loop, one_of(std::vector<std::int64_t>{0, 0, 1, 2, 5, 30}));
  world.pictures = random();
  return world;
}

// A random set of frames and parts, as a person might leave it.
StoredFolder folder_at_random(const ScriptWorld& world, std::mt19937_64& random) {
  StoredFolder folder;
  const auto share = random() % 4;
  ScriptPlayer whole(world, {});
  whole.play(script_of(world, {}));
  for (std::int64_t frame = -world.plan.loop.run_in; frame < world.plan.end(); ++frame)
    if (whole.all_stored.contains(frame) && random() % 4 < share)
      folder.frames[frame] = whole.all_stored[frame];
  for (const auto& piece : world.plan.pieces)
    for (const auto& segment : segments_of(world.plan, piece))
      if (random() % 4 < share) folder.parts.insert(segment.begin);
  return folder;
}

std::size_t length_of(const std::vector<ScriptPass>& passes) {
  std::size_t steps = 0;
  for (const auto& pass : passes) steps += pass.steps.size();
  return steps;
}

// Kills a render again and again until it is done. Returns how many scripts it took.
std::size_t expect_to_end(const ScriptWorld& world, StoredFolder folder, std::mt19937_64& random) {
  std::size_t scripts = 0;
  for (;; ++scripts) {
    const auto passes = script_of(world, folder);
    const auto steps = length_of(passes);
    const bool is_last = scripts > 3 || random() % 4 == 0;
    ScriptPlayer player(world, folder);
    player.play(passes, is_last ? SIZE_MAX : random() % (steps + 1));
    if (is_last) player.expect_everything();
    EXPECT_EQ(player.complaint, "");
    if (is_last || !player.complaint.empty()) return scripts + 1;
    // Finished work must not be done again.
    const auto next = script_of(world, player.folder());
    for (const auto& pass : next)
      for (const auto& step : pass.steps)
        if (step.is_shown && step.frame == step.segment.begin && !folder.parts.contains(step.frame)) {
          EXPECT_FALSE(player.folder().parts.contains(step.frame)) << "frame " << step.frame;
        }
    folder = player.folder();
  }
}

TEST(Script, CanBeCarriedOutFromAnywhere) {
  std::mt19937_64 random(17);
  std::size_t scripts = 0;
  set_log_sink([](LogLevel, std::string_view) {});  // drops warnings about frames that are rendered again
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) {
    SCOPED_TRACE("world " + std::to_string(i));
    const ScriptWorld world = world_of(random);
    scripts +=
        expect_to_end(world, random() % 2 == 0 ? StoredFolder{} : folder_at_random(world, random), random);
  }
  set_log_sink({});
  EXPECT_GT(scripts, 40'000U);
}

}  // namespace
}  // namespace dreamreel::schedule
