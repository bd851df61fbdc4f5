// Shows that the player finds each kind of error, by planting errors in scripts.
#include "script_player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dreamreel::schedule {
namespace {

using Action = FrameStep::Action;
using testing::HasSubstr;

// A clip of two shots in segments of four frames. Every third frame is dreamed.
class Planted : public testing::Test {
 protected:
  Planted() {
    world_.plan.segment_frames = 4;
    world_.plan.shots = {{0, 10}, {10, 14}};
    world_.plan.pieces = {{0, 0, 10, 0}, {10, 10, 14, 1}};
    world_.job.temporal.hold = true;
    world_.cadence = Cadence(3, {});
  }

  // The player's complaint about the script with one planted error; "" if it has none.
  template <typename Change>
  std::string complaint(Change change) {
    auto passes = script_of(world_, folder_);
    change(passes.front().steps);
    ScriptPlayer player(world_, folder_);
    player.play(passes);
    player.expect_everything();
    return player.complaint;
  }
  template <typename Change>
  std::string complaint_at(std::int64_t frame, Change change) {
    return complaint(
        [&](std::vector<FrameStep>& steps) { change(steps.at(static_cast<std::size_t>(frame))); });
  }

  // Starts again after a stop behind frame 4, with the first segment finished.
  void go_on_from_frame_5() {
    folder_.parts = {0};
    folder_.frames = {{3, 0}, {4, 4}};
  }

  // Makes a loop in which frames 11..14 are pulled towards frames -3..0.
  void loop() {
    world_.plan.loop.run_in = world_.plan.loop.crossfade = 3;
    world_.plan.loop.length = 14;
    world_.plan.run_in = {{-3, 0}};
    world_.cadence = Cadence(3, world_.plan.loop);
  }

  ScriptWorld world_;
  StoredFolder folder_;
};

TEST_F(Planted, NothingIsSaidOfTheScriptItself) {
  const auto nothing = [](std::vector<FrameStep>&) {};
  EXPECT_EQ(complaint(nothing), "");
  go_on_from_frame_5();
  EXPECT_EQ(complaint(nothing), "");
  loop();
  EXPECT_EQ(complaint(nothing), "");
}

TEST_F(Planted, EachFrameIsShownOnce) {
  EXPECT_THAT(complaint_at(5, [](FrameStep& step) { step.is_shown = false; }),
              HasSubstr("5: is filled in for nobody"));
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.is_shown = false; }),
              HasSubstr("one before it is not"));
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.action = Action::pass_over; }),
              HasSubstr("passed over"));
  EXPECT_THAT(complaint_at(7, [](FrameStep& step) { step.action = Action::look; }),
              HasSubstr("without a picture"));
  EXPECT_THAT(complaint([](auto& steps) { steps.erase(steps.begin() + 8); }), HasSubstr("follow the source"));
  EXPECT_THAT(complaint([](auto& steps) { steps.resize(12); }), HasSubstr("is never closed"));
  EXPECT_THAT(complaint([](auto& steps) { steps.resize(10); }), HasSubstr("is in no part"));
  EXPECT_THAT(complaint_at(5, [](FrameStep& step) { step.is_dreamed = true; }), HasSubstr("another cadence"));
}

TEST_F(Planted, WhatAFrameLeansOnIsThere) {
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.leans_on = {4}; }), HasSubstr("leans on others"));
  EXPECT_THAT(complaint_at(6, [](FrameStep& step) { step.action = Action::look; }), HasSubstr("neighbours"));
  EXPECT_THAT(complaint_at(4, [](FrameStep& step) { step.leans_on = {3}; }),
              HasSubstr("4: is not filled in from"));
  EXPECT_THAT(complaint_at(4, [](FrameStep& step) { step.action = Action::replay, step.is_stored = true; }),
              HasSubstr("4: is not stored"));
  EXPECT_THAT(complaint_at(0, [](FrameStep& step) { step.piece.start = -5; }), HasSubstr("is not there"));
  EXPECT_THAT(complaint_at(0, [](FrameStep& step) { step.frame = 1; }), HasSubstr("follow the source"));
  go_on_from_frame_5();
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.action = Action::look, step.is_stored = false; }),
              HasSubstr("leans on a dream that is not there"));
  EXPECT_THAT(
      complaint_at(5, [](FrameStep& step) { step.action = Action::pass_over, step.is_shown = false; }),
      HasSubstr("motion from"));
}

TEST_F(Planted, SegmentsEndWhereTheyEnd) {
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.ends_segment = false; }), HasSubstr("or not"));
  EXPECT_THAT(complaint_at(1, [](FrameStep& step) { step.ends_segment = true; }), HasSubstr("too early"));
  EXPECT_THAT(complaint_at(1, [](FrameStep& step) { step.segment.end = 8; }), HasSubstr("another segment"));
}

TEST_F(Planted, NothingIsThrownAwayThatIsNeededAndNothingElseKept) {
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.forgotten = {{0, 4}}; }), HasSubstr("throws away"));
  EXPECT_THAT(complaint_at(3, [](FrameStep& step) { step.forgotten.clear(); }),
              HasSubstr("keeps what nobody needs"));
}

// All frames are dreamed, in segments of four frames, with a memory of three. Frame 8 leans on frames of both
// segments before its own.
TEST_F(Planted, OlderDreamsAreKeptAndRecalled) {
  world_.cadence = Cadence(1, {}, 3);
  EXPECT_EQ(complaint([](auto&) {}), "");
  EXPECT_THAT(complaint_at(8, [](FrameStep& step) { step.leans_on = {7}; }), HasSubstr("leans on others"));
  EXPECT_THAT(complaint_at(7, [](FrameStep& step) { step.forgotten = {{4, 7}}; }), HasSubstr("throws away"));
  folder_.parts = {0, 4};
  folder_.frames = {{2, 2}, {3, 3}, {4, 4}, {6, 6}, {7, 7}};
  EXPECT_EQ(complaint([](auto&) {}), "");
  const auto passes = script_of(world_, folder_);
  EXPECT_TRUE(passes.front().steps.at(4).is_recalled);
  EXPECT_EQ(passes.front().steps.at(4).action, Action::look);
  EXPECT_THAT(complaint_at(4, [](FrameStep& step) { step.is_recalled = false; }),
              HasSubstr("8: leans on an older dream that is not there"));
  folder_.frames.erase(4);
  // Frame 0's segment is rendered again.
  EXPECT_EQ(script_of(world_, folder_).front().steps.at(4).action, Action::dream);
  EXPECT_EQ(complaint([](auto&) {}), "");
}

TEST_F(Planted, AHeldFrameShowsTheDreamThatTheLastOneShowed) {
  go_on_from_frame_5();
  // Frame 3 shows the dream of frame 0, so frame 0 is the source frame to compare with.
  while (!world_.shows_the_same(6)) ++world_.pictures;
  EXPECT_THAT(complaint_at(0, [](FrameStep& step) { step.is_drawing = false; }),
              HasSubstr("with another picture"));
}

TEST_F(Planted, TwinsAreThereAndAreNeverHeld) {
  loop();
  const auto at_14 = [&](auto change) {
    auto passes = script_of(world_, folder_);
    change(passes.back().steps.back());
    ScriptPlayer player(world_, folder_);
    player.play(passes);
    return player.complaint;
  };
  EXPECT_THAT(at_14([](FrameStep& step) { step.pull.reset(); }), HasSubstr("is pulled, or not"));
  EXPECT_THAT(at_14([](FrameStep& step) { step.may_be_held = true; }), HasSubstr("may not be held"));
  EXPECT_THAT(at_14([](FrameStep& step) { step.leans_on.pop_back(); }), HasSubstr("leans on others"));
  auto passes = script_of(world_, folder_);
  for (auto& step : passes.front().steps) step.is_ahead = step.frame < 0;  // so that the run-in is not stored
  ScriptPlayer player(world_, folder_);
  player.play(passes);
  EXPECT_THAT(player.complaint, HasSubstr("has no twin"));
}

}  // namespace
}  // namespace dreamreel::schedule
