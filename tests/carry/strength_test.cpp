// dream.strength: one knob for steps, their number and how long a dream lasts.
#include <gtest/gtest.h>

#include "dreamreel/carry/ascent_options.h"

namespace dreamreel::carry {
namespace {

job::Job job_of(const job::Curve& strength) {
  job::Job job;
  job.dream.step = 2;
  job.dream.iterations = 10;
  job.temporal.iterations = 3;
  job.temporal.step = 0.5;
  job.temporal.blend = 0.3;
  job.dream.strength = strength;
  return job;
}

dream::AscentOptions options_of(const job::Job& job, bool continues_shot = false, double seconds = 0) {
  curve::CurveTime time;
  time.seconds = seconds;
  return ascent_options(job, {}, time, continues_shot, continues_shot);
}

TEST(Strength, HalfIsWhatTheOtherKeysSay) {
  const job::Job job = job_of(0.5);
  EXPECT_EQ(options_of(job).step, 2);
  EXPECT_EQ(options_of(job).iterations, 10);
  EXPECT_EQ(options_of(job, true).step, 1);
  EXPECT_EQ(options_of(job, true).iterations, 3);
  EXPECT_EQ(blend_at(job, {}), 0.3) << "to the bit";
}

TEST(Strength, ZeroTakesNoStep) {
  EXPECT_EQ(options_of(job_of(0)).iterations, 0);
  EXPECT_EQ(options_of(job_of(0), true).iterations, 0);
}

TEST(Strength, BelowHalfShortensTheStepsInProportion) {
  const job::Job job = job_of(0.125);
  EXPECT_EQ(options_of(job).step, 0.5);
  EXPECT_EQ(options_of(job).iterations, 10);
  EXPECT_EQ(blend_at(job, {}), 0.3);
}

TEST(Strength, EverythingGrowsWithIt) {
  double step = 0, blend = 0;
  int iterations = 0;
  for (const double strength : {0.5, 0.6, 0.75, 0.9, 1.0}) {
    const auto options = options_of(job_of(strength));
    EXPECT_GT(options.step, step);
    EXPECT_GT(options.iterations, iterations);
    EXPECT_GT(blend_at(job_of(strength), {}), blend);
    step = options.step;
    iterations = options.iterations;
    blend = blend_at(job_of(strength), {});
  }
  EXPECT_LT(blend, 1) << "or the dream would take over a quiet shot";
}

TEST(Strength, NeverCarriesADreamThatIsNotToBeCarried) {
  job::Job job = job_of(1);
  job.temporal.blend = 0;
  EXPECT_EQ(blend_at(job, {}), 0);
}

TEST(Strength, IsACurve) {
  const job::Curve fade({{{0, TimePoint::Unit::seconds}, 0.0}, {{2, TimePoint::Unit::seconds}, 0.5}});
  EXPECT_EQ(options_of(job_of(fade), false, 1).step, 1);
}

}  // namespace
}  // namespace dreamreel::carry
