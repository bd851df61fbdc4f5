// dream.parameterization: what the job's word becomes in the ascent and in a start of noise.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <utility>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/footage/source.h"

namespace dreamreel::carry {
namespace {

constexpr std::pair<job::Parameterization, dream::Parameterization> kAll[] = {
    {job::Parameterization::pixels, dream::Parameterization::pixels},
    {job::Parameterization::fourier, dream::Parameterization::fourier},
    {job::Parameterization::spectrum, dream::Parameterization::spectrum},
};

job::Job out_of_noise(job::Parameterization parameterization) {
  job::Job job;
  job.input.noise = job::NoiseInput{};
  job.input.noise->width = 64;
  job.input.noise->height = 48;
  job.dream.parameterization = parameterization;
  return job;
}

TEST(Parameterization, IsTheAscentsOwnByTheSameName) {
  for (const auto& [said, expected] : kAll)
    EXPECT_EQ(ascent_options(out_of_noise(said), {}, {}, false, false).parameterization, expected);
}

// Waves start from soft noise that is nearly grey. Pixels start from white noise.
TEST(Parameterization, OfWavesStartsFromSoftNoise) {
  for (const auto& [said, unused] : kAll) {
    const auto frame = footage::open_source(out_of_noise(said), 0)->next();
    ASSERT_TRUE(frame);
    const at::Tensor step = frame->rgb.narrow(2, 1, 63) - frame->rgb.narrow(2, 0, 63);
    const bool is_soft =
        step.std().item<double>() < 1.1 * frame->rgb.std().item<double>();  // white noise: 1.41
    EXPECT_EQ(is_soft, said != job::Parameterization::pixels);
  }
}

}  // namespace
}  // namespace dreamreel::carry
