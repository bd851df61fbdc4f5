// temporal.at_fps: the same film at any frame rate.
#include "pace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>

#include "dreamreel/carry/ascent_options.h"

namespace dreamreel::carry {
namespace {

job::Job job_for(double fps) {
  job::Job job;
  job.dream.step = 1.5;
  job.dream.iterations = 10;
  job.temporal.iterations = 4;
  job.temporal.step = 0.5;
  job.temporal.blend = 0.9;
  if (fps > 0) job.temporal.at_fps = Rational{std::llround(fps * 1000), 1000};
  return job;
}

curve::CurveTime at(double seconds, double fps) {
  return {seconds, fps, seconds * fps};
}

// The strength of a dream after some seconds, if every step adds its length.
double strength_after(const job::Job& job, double seconds, double fps) {
  double strength = 0;
  for (int frame = 0; frame < std::lround(seconds * fps / job.temporal.every); ++frame) {
    const auto time = at(frame * job.temporal.every / fps, fps);
    const auto options = ascent_options(job, {}, time, true, true);
    strength = blend_at(job, time) * strength + options.iterations * options.step;
  }
  return strength;
}

TEST(Pace, WithoutARateNothingChangesToTheBit) {
  const job::Job job = job_for(0);
  for (const double fps : {12.0, 24.0, 60.0}) {
    EXPECT_EQ(blend_at(job, at(1, fps)), 0.9);
    const auto options = ascent_options(job, {}, at(1, fps), true, true);
    EXPECT_EQ(options.iterations, 4);
    EXPECT_EQ(options.step, 0.75);
  }
}

TEST(Pace, AtTheAskedRateNothingChangesToTheBit) {
  const job::Job job = job_for(24);
  EXPECT_EQ(blend_at(job, at(1, 24)), 0.9);
  EXPECT_EQ(ascent_options(job, {}, at(1, 24), true, true).step, 0.75);
}

TEST(Pace, ADreamGrowsAndFadesAsFastByTheClock) {
  const job::Job job = job_for(24);
  for (const double seconds : {0.5, 1.0, 4.0}) {
    const double expected = strength_after(job, seconds, 24);
    for (const double fps : {12.0, 30.0, 48.0, 50.0, 60.0, 120.0})
      EXPECT_NEAR(strength_after(job, seconds, fps) / expected, 1, 1e-9) << fps << " at " << seconds;
  }
  // Without the key, twice as many frames make a dream that comes and goes in half the time.
  EXPECT_GT(strength_after(job_for(0), 0.25, 48) / strength_after(job_for(0), 0.25, 24), 1.5);
}

TEST(Pace, CalmAndStrengthComeFirst) {
  for (const double strength : {0.2, 0.9}) {
    job::Job job = job_for(24);
    job.temporal.calm = 0.5;
    job.dream.strength = strength;
    EXPECT_NEAR(std::pow(blend_at(job, at(1, 48)), 2), blend_at(job, at(1, 24)), 1e-12);
    EXPECT_NEAR(strength_after(job, 30, 48) / strength_after(job, 30, 24), 1, 1e-3);
  }
}

TEST(Pace, StepsFollowTheRateAndTheirLengthMakesUpForTheRest) {
  const auto options = [](double fps) { return ascent_options(job_for(24), {}, at(1, fps), true, true); };
  EXPECT_EQ(options(12).iterations, 8);
  EXPECT_EQ(options(48).iterations, 2);
  EXPECT_EQ(options(60).iterations, 2);
  EXPECT_EQ(options(240).iterations, 1);
  EXPECT_NEAR(options(60).step * 2, 3.0 * (1 - std::pow(0.9, 0.4)) / 0.1, 1e-9);
  EXPECT_LT(options(240).step, 0.75);
  EXPECT_LE(options(0.001).iterations, 2500) << "bounded";
  job::Job none = job_for(24);
  none.temporal.iterations = 0;
  EXPECT_EQ(ascent_options(none, {}, at(1, 60), true, true).iterations, 0);
}

TEST(Pace, TheFirstFrameOfAShotIsTheSameAtEveryRate) {
  const auto options = ascent_options(job_for(24), {}, at(0, 60), false, false);
  EXPECT_EQ(options.iterations, 10);
  EXPECT_EQ(options.step, 1.5);
  const auto uncarried = ascent_options(job_for(24), {}, at(1, 60), true, false);
  EXPECT_EQ(uncarried.iterations, 4);
  EXPECT_EQ(uncarried.step, 1.5);
}

// Frames left out save steps, but the dream is as strong.
TEST(Pace, CountsTheFramesThatAreFilledIn) {
  job::Job job = job_for(24);
  job.temporal.every = 2;
  EXPECT_EQ(ascent_options(job, {}, at(1, 24), true, true).iterations, 4);
  EXPECT_NEAR(blend_at(job, at(1, 24)), 0.81, 1e-12);
  EXPECT_NEAR(strength_after(job, 8, 24), strength_after(job_for(24), 8, 24), 1e-6);
}

TEST(Pace, FeedbackOnlyGrows) {
  job::Job job = job_for(24);
  job.input.noise.emplace();
  job.temporal.noise = 0.02;
  const auto options = ascent_options(job, {}, at(1, 48), true, true);
  EXPECT_NEAR(options.iterations * options.step, 4 * 0.75 / 2, 1e-12);
  EXPECT_NEAR(noise_at(job, at(1, 48)), 0.02 / std::sqrt(2), 1e-12);
  EXPECT_EQ(noise_at(job, at(1, 24)), 0.02);
}

TEST(Pace, CurvesAreConvertedWhereTheyAreRead) {
  job::Job job = job_for(24);
  job.temporal.blend = curve::Curve(curve::Expression("0.5+0.4*gt(t,1)"));
  EXPECT_NEAR(blend_at(job, at(0.5, 48)), std::sqrt(0.5), 1e-12);
  EXPECT_NEAR(blend_at(job, at(2, 48)), std::sqrt(0.9), 1e-12);
}

TEST(CoarsestOctave, GivesAMotifItsShareOfTheFrame) {
  job::Job job;
  EXPECT_EQ(coarsest_octave(job, 0), 0);
  EXPECT_EQ(coarsest_octave(job, 0.25), 224);
  EXPECT_EQ(coarsest_octave(job, 0.5), 112);
  job.network.side = 320;
  EXPECT_EQ(coarsest_octave(job, 0.25), 320);
  job.dream.motif = 0.25;
  EXPECT_EQ(ascent_options(job, {}, at(0, 24), false, false).coarsest, 320);
}

}  // namespace
}  // namespace dreamreel::carry
