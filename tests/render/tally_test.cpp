#include "tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"

namespace dreamreel::render {
namespace {

struct HeardProgress : report::ProgressSink {
  std::vector<std::string> activities;
  std::vector<report::FrameProgress> frames;

  void activity(const std::string& text) override { activities.push_back(text); }
  void start(const report::RenderStart& /*start*/) override {}
  void frame(const report::FrameProgress& progress) override { frames.push_back(progress); }
  void finish(const std::string& /*output*/, std::int64_t /*frames*/, double /*seconds*/) override {}
};

carry::AnalysedFrame analysed(std::int64_t index, bool is_shown) {
  carry::AnalysedFrame frame;
  frame.frame.index = index;
  frame.step.is_shown = is_shown;
  return frame;
}

TEST(Tally, AddsShownFramesToThoseOfEarlierRuns) {
  HeardProgress heard;
  RenderOptions options;
  options.progress = &heard;
  Tally tally(10, 4, options);
  tally.report_frame(analysed(4, true), 0.5);
  tally.report_frame(analysed(-3, false), 0.25);  // of a run-in
  EXPECT_EQ(tally.done(), 5);
  ASSERT_EQ(heard.frames.size(), 2U);
  EXPECT_EQ(heard.frames[0].frame, 4);
  EXPECT_EQ(heard.frames[0].done, 5);
  EXPECT_EQ(heard.frames[0].total, 10);
  EXPECT_EQ(heard.frames[0].objective, 0.5);
  EXPECT_EQ(heard.frames[0].eta_seconds, 0) << "one frame has no speed yet";
  EXPECT_EQ(heard.frames[1].frame, -3);
  EXPECT_EQ(heard.frames[1].done, 5);
}

TEST(Tally, TellsOfBackwardFramesNowAndThen) {
  HeardProgress heard;
  RenderOptions options;
  options.progress = &heard;
  Tally tally(10, 0, options);
  tally.report_backward(9);
  tally.report_backward(8);
  EXPECT_THAT(heard.activities, testing::ElementsAre("dreaming backward first: frame 9"));
  EXPECT_EQ(tally.done(), 0);
}

TEST(Tally, StopsTheAscentAndSaysHowManyFramesAreDone) {
  std::atomic<bool> stop = false;
  RenderOptions options;
  options.stop = &stop;
  const Tally tally(10, 4, options);
  const auto observer = tally.stopping_observer();
  EXPECT_NO_THROW(observer({}));
  stop = true;
  try {
    observer({});
    FAIL() << "the ascent goes on";
  } catch (const Interrupted& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("4 of 10 frames done"));
  }
}

TEST(Tally, NeedsNobodyWhoListens) {
  const RenderOptions options;
  Tally tally(2, 0, options);
  tally.report_backward(1);
  tally.report_frame(analysed(0, true), 0);
  EXPECT_NO_THROW(tally.stop_if_asked());
  EXPECT_EQ(tally.done(), 1);
}

}  // namespace
}  // namespace dreamreel::render
