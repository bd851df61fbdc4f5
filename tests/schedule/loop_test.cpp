#include "dreamreel/schedule/loop.h"

#include <gtest/gtest.h>

#include "dreamreel/core/error.h"

namespace dreamreel::schedule {
namespace {

job::Job looping(std::optional<TimePoint> crossfade = {}) {
  job::Job job;
  job.output.loop = job::Output::Loop{crossfade};
  return job;
}

TEST(RunInLengths, AreAQuarterAboutTheUsualOne) {
  EXPECT_EQ(run_in_lengths(looping(), 200, 24), (RunInLengths{18, 24, 30}));
  EXPECT_EQ(run_in_lengths(looping(), 60, 10), (RunInLengths{8, 10, 12}));
}

TEST(RunInLengths, StayWithinAThirdOfTheClip) {
  EXPECT_EQ(run_in_lengths(looping(), 78, 24), (RunInLengths{18, 24, 26}));
  EXPECT_EQ(run_in_lengths(looping(), 30, 24), (RunInLengths{8, 10, 10}));
  EXPECT_EQ(run_in_lengths(looping(), 6, 24), (RunInLengths{2, 2, 2}));
  EXPECT_THROW(run_in_lengths(looping(), 5, 24), JobError);
}

TEST(RunInLengths, AreOneWhereTheJobSays) {
  EXPECT_EQ(run_in_lengths(looping(TimePoint{1}), 200, 24), (RunInLengths{24, 24, 24}));
}

TEST(SmoothestRunIn, HasTheSmallestStep) {
  EXPECT_EQ(smoothest_run_in({2, 3, 5}, {{}, {}, {7}, {5}, {4}, {6}}), 4);
}

TEST(SmoothestRunIn, LooksAtNoOtherLength) {
  EXPECT_EQ(smoothest_run_in({2, 3, 4}, {{}, {1}, {7}, {5}, {6}, {1}}), 3);
}

TEST(SmoothestRunIn, IsTheNearestToTheUsualOfEqualOnes) {
  EXPECT_EQ(smoothest_run_in({1, 4, 6}, {{}, {5}, {5}, {6}, {6}, {6}, {5}}), 2);
  EXPECT_EQ(smoothest_run_in({1, 3, 5}, {{}, {5}, {5}, {5}, {5}, {5}}), 3);
}

TEST(SmoothestRunIn, EndsAtACutOnlyWhereThereIsNothingElse) {
  EXPECT_EQ(smoothest_run_in({1, 2, 3}, {{}, {9}, {1, true}, {8}}), 3);
  EXPECT_EQ(smoothest_run_in({1, 2, 3}, {{}, {9, true}, {8, true}, {7, true}}), 3);
}

TEST(LoopOfClip, ShowsWhatFollowsTheRunIn) {
  const Loop loop = loop_of_clip(60, 8);
  EXPECT_EQ(loop.run_in, 8);
  EXPECT_EQ(loop.crossfade, 8);
  EXPECT_EQ(loop.length, 52);
  EXPECT_EQ(loop.weight_at(44), 0);
  EXPECT_EQ(loop.weight_at(51), 1);
}

}  // namespace
}  // namespace dreamreel::schedule
