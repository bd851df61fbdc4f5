// Tests how an edited job is told from the one that was rendered.
#include "dreamreel/prepare/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/timeline.h"
#include "support/sound_jobs.h"

namespace dreamreel::prepare {
namespace {

using test::BeatsTest;

// To compare a job with the edited one, both are read with the beats of the present sound.
TEST_F(BeatsTest, AnEditNamesOnlyWhatItChanges) {
  job.dream.step = curve::Curve(curve::Expression("1+0.1*bar"));
  job.network.name = job.network.path = scratch / "net.onnx";
  job.output.path = scratch / "out.mkv";
  job.file = scratch / "job.yaml";
  schedule::Plan before;
  before.job_yaml = job::to_yaml(job);
  before.clock = footage::clock_of(info());
  before.shots = {{0, 100}};
  const job::Job old = job::parse_job(before.job_yaml, job.file, {});
  job::Job now = old;
  now.dream.opacity = 0.5;
  const footage::Timeline timeline(now, info());
  schedule::Plan after = before;
  after.job_yaml = job::to_yaml(now);
  EXPECT_THAT(changes_of(before, now, after, timeline),
              testing::ElementsAre("dream.opacity changes from frame 0 on"));
}

}  // namespace
}  // namespace dreamreel::prepare
