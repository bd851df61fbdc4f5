// Tests what a job asks of the writer of its output.
#include "dreamreel/prepare/writer_options.h"

#include <gtest/gtest.h>

#include "support/sound_jobs.h"

namespace dreamreel::prepare {
namespace {

using test::SoundTrackTest;

TEST_F(SoundTrackTest, GoesOnAfterTheLastFrameUnlessARangeIsAskedFor) {
  const auto keeps = [&](const schedule::FrameRange& range) {
    return writer_options(job, info(), range, 0, 0).keeps_sound_after_last_frame;
  };
  EXPECT_TRUE(keeps({}));
  EXPECT_TRUE(keeps({10, {}}));
  EXPECT_FALSE(keeps({0, 20}));
  job.input.filter = "scale=32:-2,fps=5:round=up";
  EXPECT_TRUE(keeps({}));
  job.input.filter = "scale=32:-2,trim=end=1";
  EXPECT_FALSE(keeps({}));
  job.input.filter = "";
  job.input.trim_start = TimePoint{0.8, TimePoint::Unit::seconds};
  EXPECT_TRUE(keeps({}));
  job.input.trim_end = TimePoint{1.6, TimePoint::Unit::seconds};
  EXPECT_FALSE(keeps({}));
  job.input.trim_end.reset();
  job.input.audio = scratch / "song.wav";
  EXPECT_FALSE(keeps({}));
}

}  // namespace
}  // namespace dreamreel::prepare
