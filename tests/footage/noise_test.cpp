#include "dreamreel/footage/noise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/dream/fourier_code.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/scaled_noise.h"

namespace dreamreel::footage {
namespace {

constexpr RandomKey kKey{.seed = 3, .frame = 5};
constexpr auto kStartNoise = Purpose::start_noise;

TEST(Noise, OrdinaryJobsDrawTheSameAsEver) {
  job::Job job;
  EXPECT_TRUE(at::equal(start_noise(job, {30, 40}, kKey), image::noise_frame(30, 40, kKey, kStartNoise)));
  job.dream.parameterization = job::Parameterization::fourier;
  EXPECT_TRUE(at::equal(start_noise(job, {30, 40}, kKey), dream::fourier_noise(30, 40, kKey, kStartNoise)));
}

TEST(Noise, ADraftShowsTheFinalRendersNoiseScaledDown) {
  job::Job job;
  for (const auto code : {job::Parameterization::pixels, job::Parameterization::fourier}) {
    job.dream.parameterization = code;
    job.dream.draft = 1;
    const at::Tensor expected = image::resize(start_noise(job, {60, 80}, kKey), {30, 40}).clamp(0, 1);
    job.dream.draft = 2;
    EXPECT_TRUE(at::equal(start_noise(job, {30, 40}, kKey), expected));
  }
}

TEST(Noise, IsOnePictureAtEverySizeWithAMotif) {
  job::Job job;
  job.dream.motif = 0.25;
  EXPECT_TRUE(at::equal(noise_for(job, {}, {30, 40}, kKey, Purpose::fresh_noise, 0.02),
                        image::scaled_noise_frame(30, 40, kKey, Purpose::fresh_noise, 0.02)));
  job.dream.parameterization = job::Parameterization::fourier;
  EXPECT_TRUE(
      at::equal(start_noise(job, {30, 40}, kKey), dream::scaled_fourier_noise(30, 40, kKey, kStartNoise)));
}

// So a scene that counts its octaves has the same noise whatever the others do.
TEST(Noise, GoesByTheMotifAtItsOwnTime) {
  job::Job job;
  job.input.noise.emplace();
  const at::Tensor white = start_noise(job, {30, 40}, {.seed = 3});
  job.dream.motif = job::Curve(
      {{{0, TimePoint::Unit::frames}, 0.0, curve::Ease::hold}, {{10, TimePoint::Unit::frames}, 0.25}});
  EXPECT_TRUE(at::equal(start_noise(job, {30, 40}, {.seed = 3}), white));
  EXPECT_TRUE(at::equal(start_noise(job, {30, 40}, {.seed = 3, .frame = 12}),
                        image::scaled_noise_frame(30, 40, {.seed = 3, .frame = 12}, kStartNoise)));
}

TEST(Noise, OutsideGoesByTheMotifAtItsOwnTimeAndByTheFinalRender) {
  job::Job job;
  job.camera.border = job::Camera::Border::noise;
  job.dream.motif = job::Curve(
      {{{0, TimePoint::Unit::frames}, 0.25, curve::Ease::hold}, {{10, TimePoint::Unit::frames}, 0.0}});
  const auto at_frame = [](double frame) { return curve::CurveTime{frame / 24, 24, frame}; };
  EXPECT_EQ(outside_of(job, at_frame(9), {30, 40}).border, image::Border::scaled_noise);
  EXPECT_EQ(outside_of(job, at_frame(10), {30, 40}).border, image::Border::noise);
  EXPECT_EQ(outside_of(job, at_frame(10), {30, 40}).noise_size, (image::Size{30, 40}));
  job.dream.draft = 2;
  EXPECT_EQ(outside_of(job, at_frame(10), {30, 40}).noise_size, (image::Size{60, 80}));
  job.camera.border = job::Camera::Border::wrap;
  EXPECT_EQ(outside_of(job, at_frame(0), {30, 40}).border, image::Border::wrap);
}

TEST(Noise, OfADraftIsNoLargerThanAnyFrame) {
  job::Job job;
  job.dream.draft = 100'000;
  EXPECT_TRUE(at::equal(start_noise(job, {30, 40}, kKey), image::noise_frame(30, 40, kKey, kStartNoise)));
}

}  // namespace
}  // namespace dreamreel::footage
