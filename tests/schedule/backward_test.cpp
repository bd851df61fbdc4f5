// Tests which backward dreams the frames of a plan lean on, and what their keys depend on.
#include "dreamreel/schedule/backward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/schedule/script.h"
#include "key_world.h"

namespace dreamreel::schedule {
namespace {

using Action = FrameStep::Action;

constexpr const char* kTwo = "temporal.passes=2";

// The steps of a whole render, by frame.
std::map<std::int64_t, FrameStep> steps_of(const World& world) {
  const Cadence cadence(world.job.temporal.every, world.plan.loop);
  const Stored nothing{[](const Segment&) { return false; },
                       [](std::int64_t) { return std::optional<std::int64_t>(); }};
  std::map<std::int64_t, FrameStep> steps;
  for (const auto& run : runs_of(world.job, world.plan,
                                 find_outstanding(world.plan, cadence, world.plan.pieces, nothing).tasks)) {
    Script script(world.job, world.plan, cadence, run);
    while (const auto step = script.next()) steps[step->frame] = *step;
  }
  return steps;
}

// The clip has a cut at frame 20 and ends with frame 47. Segments end at multiples of 12.
TEST_F(Jobs, EachDreamedFrameLeansOnItsBackwardDream) {
  const World world(job(clip_, {kTwo}));
  const auto steps = steps_of(world);
  ASSERT_EQ(steps.size(), kClip);
  for (const auto& [frame, step] : steps) {
    if (frame == 19 || frame == 47) {
      EXPECT_FALSE(step.backward) << frame << " is the last of its shot: nothing lies behind it";
      continue;
    }
    ASSERT_TRUE(step.backward) << frame;
    const std::int64_t shot_begin = frame < 20 ? 0 : 20, shot_end = frame < 20 ? 20 : 48;
    const std::int64_t segment = frame / 12 * 12;
    EXPECT_EQ(step.backward->begin, std::max(segment, shot_begin)) << frame;
    EXPECT_EQ(step.backward->end, std::min(segment + 12 + kBackwardLead, shot_end)) << frame;
  }
  for (const char* const one : {"temporal.passes=1", "temporal.marks=true", "temporal.maps=true"})
    for (const auto& [frame, step] : steps_of(World(job(clip_, {kTwo, one}))))
      EXPECT_FALSE(step.backward) << one;
}

TEST_F(Jobs, OnlyDreamedFramesHaveABackwardDream) {
  const World world(job(clip_, {kTwo, "temporal.every=3"}));
  const Cadence cadence(3, {});
  for (const auto& [frame, step] : steps_of(world)) {
    EXPECT_TRUE(!step.backward || step.action == Action::dream) << frame;
    if (step.action != Action::dream || frame == 19 || frame == 47) continue;
    ASSERT_TRUE(step.backward) << frame;
    const auto frames = dreamed_backward(*step.backward, cadence, step.piece, frame);
    ASSERT_GE(frames.size(), 2U);
    EXPECT_EQ(frames.back(), frame);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      EXPECT_TRUE(cadence.is_dreamed(step.piece, frames[i])) << frames[i];
      EXPECT_TRUE(i == 0 || frames[i] < frames[i - 1]);
    }
  }
}

TEST_F(Jobs, FramesOfALoopThatHaveATwinTakeNothingOver) {
  const World world(job(clip_, {kTwo, "output.loop={crossfade: 4f}"}));
  ASSERT_TRUE(world.plan.loop);
  int with = 0;
  for (const auto& [frame, step] : steps_of(world)) {
    EXPECT_FALSE(is_of_twins(world.plan.loop, frame) && step.backward) << frame;
    with += step.backward ? 1 : 0;
  }
  EXPECT_GT(with, 20);
}

// A part is closed once; its backward dreams go then, and none is left at the end of a piece.
TEST_F(Jobs, BackwardDreamsAreForgottenWithTheirSegments) {
  const World world(job(clip_, {kTwo}));
  std::set<std::int64_t> made, forgotten;
  for (const auto& [frame, step] : steps_of(world)) {
    if (step.backward)
      for (auto other = step.backward->begin; other < step.backward->end; ++other) made.insert(other);
    for (auto other = step.forgotten_backward.begin; other < step.forgotten_backward.end; ++other) {
      EXPECT_LT(other, frame < 20 ? 20 : 48);
      forgotten.insert(other);
    }
    EXPECT_TRUE(step.ends_segment || step.forgotten_backward == Segment{}) << frame;
  }
  EXPECT_THAT(forgotten, testing::IsSupersetOf(made));
}

TEST_F(Jobs, BackwardFramesAreCounted) {
  const World world(job(clip_, {kTwo}));
  const Cadence cadence(1, {});
  // Shot 0: segments 0..12 and 12..20, from frame 19 down. Shot 1: 20..24, 24..36, 36..48, from frame 47
  // down.
  const auto& pieces = world.plan.pieces;
  EXPECT_EQ(count_backward(world.plan, cadence, pieces[0], 0, 20), 20 + 8);
  EXPECT_EQ(count_backward(world.plan, cadence, pieces[1], 20, 48), 28 + 24 + 12);
  EXPECT_EQ(count_backward(world.plan, cadence, pieces[1], 30, 31), 48 - 30)
      << "down to the first missing one";
  EXPECT_EQ(count_backward(world.plan, cadence, pieces[1], 47, 48), 0)
      << "nothing lies behind the last frame";
}

// The plan of the first `end` frames of a clip whose first shot ends at frame 40.
Plan excerpt(const World& world, std::int64_t end) {
  FirstPass pass;
  pass.clock = world.plan.clock;
  ShotList list({0, end}, pass);
  for (std::int64_t frame = 0; frame < kClip; ++frame) list.add(frame == 0 || frame == 40);
  return plan_of(world.job, facts_of(world.job), pass, 4);
}

TEST_F(Jobs, AnExcerptHasTheKeysOfTheWhole) {
  World world(job(clip_, {kTwo}));
  const auto keys_of_plan = [&](const Plan& plan) {
    std::vector<std::string> all;
    const FrameKeys keys(world.job, plan, world.time_of());
    for (std::int64_t frame = 0; frame < plan.end(); ++frame) all.push_back(keys.of(frame).dream);
    return all;
  };
  const auto whole = keys_of_plan(excerpt(world, 48));
  for (const std::int64_t end : {1, 4, 9, 16, 30, 40}) {
    const Plan part = excerpt(world, end);
    EXPECT_EQ(part.last_look, end == 40 ? 0 : std::min<std::int64_t>(40, (end + 3) / 4 * 4 + kBackwardLead))
        << end;
    auto expected = whole;
    expected.resize(static_cast<std::size_t>(end));
    EXPECT_EQ(keys_of_plan(part), expected) << end;
    EXPECT_EQ(plan_from_json(to_json(part), "plan").last_look, part.last_look);
  }
  Plan far = excerpt(world, 9);
  far.last_look = 9 + kMostLookedAtBehind + 1;
  EXPECT_THROW(plan_from_json(to_json(far), "plan"), DataError) << "a stranger's plan is bounded";
}

// Each frame leans on frames up to 24 behind its segment, through the backward pass.
TEST_F(Jobs, AnEditChangesTheFramesFromTheFirstSegmentOnThatLooksAtIt) {
  const auto dreams = [&](const char* passes, const char* step) {
    return keys_of(World(job(clip_, {"temporal.cuts=none", passes, step}), 4)).dream;
  };
  const char *const before = "dream.step={0f: 1, 40f: 1, 41f: 2}", *const now =
                                                                       "dream.step={0f: 1, 40f: 1, 41f: 3}";
  EXPECT_EQ(changed(dreams("temporal.passes=1", before), dreams("temporal.passes=1", now)), "41..47");
  EXPECT_EQ(changed(dreams(kTwo, before), dreams(kTwo, now)), "16..47");
}

TEST_F(Jobs, ABackwardDreamDependsOnWhatLiesBehindItAlone) {
  const auto keys = [&](const char* step) {
    const World world(job(clip_, {"temporal.cuts=none", kTwo, step}));
    return FrameKeys(world.job, world.plan, world.time_of()).of_backward(world.plan.pieces[0], {0, 36});
  };
  EXPECT_EQ(changed(keys("dream.step={0f: 1, 10f: 1, 11f: 2, 12f: 1}"),
                    keys("dream.step={0f: 1, 10f: 1, 11f: 3, 12f: 1}")),
            "0..11");
}

TEST_F(Jobs, TwoPassesNeedAMovingSourceThatIsCarriedOn) {
  using testing::HasSubstr;
  const auto refusal = [&](const std::string& text,
                           const std::vector<std::string>& overrides) -> std::string {
    try {
      job(text, overrides);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal(noise_, {kTwo}), HasSubstr("temporal.passes: expected 1, got 2"));
  EXPECT_THAT(refusal(still_, {kTwo}), HasSubstr("a moving source"));
  EXPECT_THAT(refusal(clip_, {kTwo, "temporal.blend=0"}), HasSubstr("temporal.blend"));
  EXPECT_THAT(refusal(clip_, {"temporal.passes=3"}), HasSubstr("temporal.passes"));
  EXPECT_EQ(refusal(clip_, {kTwo}), "");
}

}  // namespace
}  // namespace dreamreel::schedule
