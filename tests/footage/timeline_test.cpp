// Tests a frame's number, its time stamp and the keys of a curve. A render and `check --curves` must agree on
// them.
#include "dreamreel/footage/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/footage/source.h"
#include "dreamreel/study/curve_sheet.h"
#include "support/files.h"

namespace dreamreel::footage {
namespace {

using curve::Curve;
using curve::Ease;

Curve stepped(TimePoint time) {
  return Curve({{{0, TimePoint::Unit::frames}, 0, Ease::hold}, {time, 1, Ease::hold}});
}
Curve stepped_at_frame(std::int64_t key) {
  return stepped({static_cast<double>(key), TimePoint::Unit::frames});
}

struct Clip {
  std::string name, rate, container;
  std::vector<std::string> more;  // more arguments for ffmpeg
  bool is_steady = true;          // frame n is at n / rate
};

class EveryClip : public testing::TestWithParam<Clip> {
 protected:
  EveryClip() {
    const Clip& clip = GetParam();
    job.input.path = scratch / ("clip." + clip.container);
    std::vector<std::string> arguments{"-f", "lavfi", "-i", "color=gray:s=32x32:r=" + clip.rate + ":d=1.5"};
    arguments.insert(arguments.end(), clip.more.begin(), clip.more.end());
    for (const char* argument : {"-c:v", "mpeg4"}) arguments.emplace_back(argument);
    arguments.push_back(job.input.path.string());
    test::ffmpeg(arguments);
  }

  // The times at which a render reads curves.
  std::vector<curve::CurveTime> rendered() {
    const auto source = open_source(job, 0);
    const Timeline timeline(job, source->info());
    std::vector<curve::CurveTime> times;
    while (const auto frame = source->next()) times.push_back(timeline.at(*frame));
    return times;
  }

  test::ScratchDir scratch;
  job::Job job;
};

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

TEST_P(EveryClip, TheSheetShowsWhatIsRendered) {
  job.dream.opacity = stepped_at_frame(7);
  job.dream.step = Curve(curve::Expression("1+gte(t,7/fps)+t+n/1000"));
  job.temporal.blend = stepped({0.5, TimePoint::Unit::seconds});
  const auto times = rendered();
  const auto sheet = study::curve_sheet(job, {});
  ASSERT_EQ(sheet.frames.size(), times.size());
  for (const auto& column : sheet.columns)
    for (const auto& named : job::list_curves(job))
      for (std::size_t n = 0; named.path == column.path && n < times.size(); ++n)
        EXPECT_EQ(column.values[n], named.curve->at(times[n])) << column.path << " at " << n;
  for (std::size_t n = 0; n < times.size(); ++n) EXPECT_EQ(sheet.seconds[n], times[n].seconds) << n;
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

INSTANTIATE_TEST_SUITE_P(
    Timeline, EveryClip,
    testing::Values(
        Clip{"Mp4At24", "24", "mp4", {}}, Clip{"Mp4At25", "25", "mp4", {}},
        Clip{"Mp4At29_97", "30000/1001", "mp4", {}}, Clip{"MkvAt24", "24", "mkv", {}},
        Clip{"MkvAt23_976", "24000/1001", "mkv", {}}, Clip{"MkvAt29_97", "30000/1001", "mkv", {}},
        Clip{"MkvAt60", "60", "mkv", {}}, Clip{"AviAt30", "30", "avi", {}},
        Clip{"MkvVarying", "25", "mkv", {"-vf", "select=not(eq(mod(n\\,5)\\,2))", "-vsync", "vfr"}, false},
        Clip{"Mp4Varying", "25", "mp4", {"-vf", "select=not(eq(mod(n\\,5)\\,2))", "-vsync", "vfr"}, false}),
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
