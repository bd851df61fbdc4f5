// Tests the numbers of a page of curves (`check --curves`). A sheet and a render must agree on them.
#include "dreamreel/study/curve_sheet.h"

#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
#include "dreamreel/job/curves.h"
#include "support/series_jobs.h"
#include "support/sound_jobs.h"
#include "support/timed_clips.h"

namespace dreamreel::study {
namespace {

using curve::Curve;
using test::BeatsTest;
using test::EveryClip;
using test::SoundTrackTest;

TEST_F(SoundTrackTest, ASheetHasEveryCurveAtEveryFrame) {
  job.dream.step = Curve(curve::Expression("1+2*treble"));
  job.dream.opacity = Curve({{{0, TimePoint::Unit::seconds}, 0}, {{100, TimePoint::Unit::frames}, 1}});
  const auto sheet = curve_sheet(job, {40, 60});
  ASSERT_EQ(sheet.frames.size(), 20U);
  EXPECT_EQ(sheet.frames.front(), 40);
  EXPECT_DOUBLE_EQ(sheet.seconds.front(), 1.6);
  EXPECT_EQ(sheet.columns.size(), job::list_curves(job).size());
  for (const auto& column : sheet.columns) {
    ASSERT_EQ(column.values.size(), 20U) << column.path;
    for (std::size_t i = 0; i < 20; ++i) {
      if (column.path == "dream.step") {
        EXPECT_DOUBLE_EQ(column.values[i], 1 + 2 * sheet.levels[i].treble);
      }
      if (column.path == "dream.opacity") {
        EXPECT_NEAR(column.values[i], static_cast<double>(40 + i) / 100, 1e-12);
      }
    }
    EXPECT_EQ(column.is_constant, column.path != "dream.step" && column.path != "dream.opacity");
  }
  EXPECT_EQ(sheet.levels[10].treble, 1) << "the burst";
  EXPECT_GT(sheet.peaks[10], 0.8F);
  EXPECT_EQ(sheet.peaks[0], 0);
}

TEST_F(SoundTrackTest, ASheetOfAJobWithoutSoundIsRefused) {
  job.input.path = scratch / "silent.mkv";
  job.camera.zoom = Curve(curve::Expression("1+bass*beat"));
  EXPECT_THROW(curve_sheet(job, {}), JobError);
}

TEST_F(BeatsTest, TheSheetCountsBeatsAndBars) {
  job.dream.step = Curve(curve::Expression("2+bar+0.1*beats"));
  job.dream.opacity = Curve({{{0, TimePoint::Unit::bars}, 0}, {{1, TimePoint::Unit::bars}, 1}});
  const auto sheet = curve_sheet(job, {});
  EXPECT_EQ(sheet.beats.size(), 8U);
  EXPECT_EQ(sheet.levels[60].bar, 1);
  EXPECT_EQ(sheet.levels[56].beats, 4);
  EXPECT_EQ(sheet.levels[56].beat, 1);
  EXPECT_EQ(sheet.first_bar, -1) << "before the first beat";
  ASSERT_EQ(sheet.bars.size(), 3U);
  EXPECT_NEAR(sheet.bars[2], 2.25, 1e-9);
  const auto later = curve_sheet(job, {10, {}});
  EXPECT_EQ(later.first_bar, 0) << "frame 10 is within this bar";
  EXPECT_EQ(later.bars, std::vector<double>({sheet.bars[1], sheet.bars[2]}));
}

TEST_F(BeatsTest, TheSheetSaysWhatIsHeard) {
  auto sheet = curve_sheet(job, {});
  EXPECT_EQ(sheet.sound_file, scratch / "clicks.wav");
  EXPECT_EQ(sheet.sound_start_seconds, 0);
  job.input.audio_start = TimePoint{1, TimePoint::Unit::seconds};
  sheet = curve_sheet(job, {});
  EXPECT_EQ(sheet.sound_start_seconds, 1);
  EXPECT_NEAR(sheet.bars[1], 0.25, 1e-9) << "audio.first_beat is a time in the job";
}

using OwnVariablesTest = test::SeriesJobs;

TEST_F(OwnVariablesTest, ASheetHasWhatIsRead) {
  write("knob.csv", "0,1\n4,5\n");
  const auto sheet =
      curve_sheet(job(test::kStems +
                      "series: {knob: knob.csv, other: knob.csv}\ncamera: {zoom: \"knob+early.treble\"}\n"),
                  {20, 30});
  ASSERT_EQ(sheet.own_variables.size(), 2U);
  EXPECT_EQ(sheet.own_variables[0].path, "early.treble");
  EXPECT_EQ(sheet.own_variables[0].values[5], 1);
  EXPECT_EQ(sheet.own_variables[1].path, "knob");
  EXPECT_EQ(sheet.own_variables[1].values[5], 2);
  EXPECT_FALSE(sheet.has_sound) << "stems are not heard";
}

TEST_P(EveryClip, TheSheetShowsWhatIsRendered) {
  job.dream.opacity = test::stepped_at_frame(7);
  job.dream.step = Curve(curve::Expression("1+gte(t,7/fps)+t+n/1000"));
  job.temporal.blend = test::stepped({0.5, TimePoint::Unit::seconds});
  const auto times = rendered();
  const auto sheet = curve_sheet(job, {});
  ASSERT_EQ(sheet.frames.size(), times.size());
  for (const auto& column : sheet.columns)
    for (const auto& named : job::list_curves(job))
      for (std::size_t n = 0; named.path == column.path && n < times.size(); ++n)
        EXPECT_EQ(column.values[n], named.curve->at(times[n])) << column.path << " at " << n;
  for (std::size_t n = 0; n < times.size(); ++n) EXPECT_EQ(sheet.seconds[n], times[n].seconds) << n;
}

INSTANTIATE_TEST_SUITE_P(Timeline, EveryClip, test::kClips,
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace dreamreel::study
