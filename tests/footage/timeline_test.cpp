// Tests a frame's number, its time stamp and the keys of a curve.
#include "dreamreel/footage/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/footage/source.h"
#include "support/timed_clips.h"

namespace dreamreel::footage {
namespace {

using curve::Curve;
using test::EveryClip;
using test::stepped_at_frame;

TEST_P(EveryClip, AKeyAtAFrameHoldsFromThatFrame) {
  const auto times = rendered();
  const auto count = static_cast<std::int64_t>(times.size());
  ASSERT_GT(count, 15);
  for (std::int64_t key = 1; key < count; ++key) {
    const Curve curve = stepped_at_frame(key);
    for (std::int64_t n = 0; n < count; ++n)
      EXPECT_EQ(curve.at(times[static_cast<std::size_t>(n)]), n >= key) << key << "f, frame " << n;
  }
}

TEST_P(EveryClip, TimeIsTheFramesOwnWhereTheRateIsSteady) {
  if (!GetParam().is_steady) return;  // without a steady rate, no formula gives the times
  const auto times = rendered();
  for (std::size_t n = 0; n < times.size(); ++n)
    EXPECT_EQ(times[n].seconds, static_cast<double>(n) / times[n].frames_per_second) << n;
}

// A trim in seconds takes the same frames out of every container.
TEST_P(EveryClip, ATrimBeginsAtItsFrame) {
  const double rate = rendered().front().frames_per_second;
  const auto all = rendered().size();
  for (const int first : {4, 5, 7, 11}) {
    job.input.trim_start = TimePoint{static_cast<double>(first), TimePoint::Unit::frames};
    EXPECT_EQ(rendered().size(), all - static_cast<std::size_t>(first)) << first << "f";
    if (!GetParam().is_steady) continue;
    job.input.trim_start = TimePoint{first / rate, TimePoint::Unit::seconds};
    EXPECT_EQ(rendered().size(), all - static_cast<std::size_t>(first)) << first << " as seconds";
  }
}

INSTANTIATE_TEST_SUITE_P(Timeline, EveryClip, test::kClips,
                         [](const auto& param) { return param.param.name; });

TEST(Timeline, ALoopsRunInHasTheTimesOfTheFramesThatItStandsFor) {
  media::VideoInfo info;
  info.frame_rate = {24, 1};
  info.frame_count = 29;
  info.duration_seconds = 29 / 24.0;
  const job::Job job;
  const Timeline timeline(job, info);
  for (const int n : {-1, -5, -24}) {
    const auto before = timeline.at(n, n / 24.0), own = timeline.at(n + 29, (n + 29) / 24.0);
    EXPECT_EQ(before.seconds, own.seconds) << n;
    EXPECT_EQ(before.frame, own.frame) << n;
  }
}

}  // namespace
}  // namespace dreamreel::footage
