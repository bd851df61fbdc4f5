#include <gtest/gtest.h>

#include "dreamreel/carry/ascent_options.h"

namespace dreamreel::carry {
namespace {

const curve::CurveTime kTime{1, 24};

job::Job job_of_calm(double calm) {
  job::Job job;
  job.temporal.calm = calm;
  return job;
}

// What a frame gains by a step, beside what it loses. Where both are equal, the dream is as strong as before.
double balance(const job::Job& job) {
  return ascent_options(job, {}, kTime, true, true).step / (1 - blend_at(job, kTime));
}

TEST(Calm, SlowsFadingAndGrowingAlike) {
  const job::Job alive = job_of_calm(0), calm = job_of_calm(0.75);
  EXPECT_EQ(blend_at(alive, kTime), alive.temporal.blend.at(kTime)) << "to the bit";
  EXPECT_DOUBLE_EQ(blend_at(calm, kTime), 0.975);
  EXPECT_NEAR(balance(calm), balance(alive), 1e-9);
  EXPECT_EQ(blend_at(job_of_calm(1), kTime), 1);
  EXPECT_EQ(ascent_options(job_of_calm(1), {}, kTime, true, true).step, 0);
}

TEST(Calm, LeavesTheFirstFrameOfAShotAndUncarriedDreamsAlone) {
  job::Job calm = job_of_calm(0.75);
  EXPECT_EQ(ascent_options(calm, {}, kTime, false, false).step, calm.dream.step.at(kTime));
  calm.temporal.blend = 0;
  EXPECT_EQ(blend_at(calm, kTime), 0) << "nothing is carried";
}

TEST(Calm, LeavesWhatFeedsOnItselfAlone) {
  job::Job calm = job_of_calm(0.75);
  calm.input.noise.emplace();
  EXPECT_EQ(ascent_options(calm, {}, kTime, true, true).step,
            calm.dream.step.at(kTime) * calm.temporal.step.at(kTime));
}

}  // namespace
}  // namespace dreamreel::carry
