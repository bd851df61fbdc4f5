#include "dreamreel/image/scaled_noise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::image {
namespace {

constexpr RandomKey kKey{.seed = 7, .frame = 3};

at::Tensor noise(Size size, const RandomKey& key = kKey, double sigma = 0.05) {
  return scaled_noise_frame(size.height, size.width, key, Purpose::start_noise, sigma);
}

double centred_correlation(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a - a.mean(), y = b - b.mean();
  return ((x * y).mean() / (x.std(false) * y.std(false))).item<double>();
}

double deviation(const at::Tensor& frame) {
  return frame.std(false).item<double>();
}

TEST(ScaledNoise, ASmallerFrameShowsTheLargerOnesPicture) {
  const Size small{180, 320};
  const at::Tensor expected = noise(small);
  for (const Size size : {Size{270, 480}, Size{360, 640}, Size{540, 960}, Size{480, 854}, Size{1080, 1920}}) {
    const at::Tensor frame = noise(size);
    EXPECT_GT(centred_correlation(image::resize(frame, small), expected), 0.97) << size.height;
  }
  const at::Tensor white = noise_frame(360, 640, kKey, Purpose::start_noise, 0.05);
  EXPECT_LT(centred_correlation(image::resize(white, small), expected), 0.1)
      << "white noise has nothing in common";
}

TEST(ScaledNoise, HasItsDeviationAtTheBaseAndAboutSoElsewhere) {
  EXPECT_NEAR(deviation(noise({256, 320})), 0.05, 0.001);
  EXPECT_NEAR(deviation(noise({360, 640})), 0.05 * 0.82, 0.003);
  EXPECT_NEAR(deviation(noise({1080, 1080})), 0.05 * 1.23, 0.003);
  EXPECT_NEAR(noise({300, 400}).mean().item<double>(), 0.5, 0.002);
}

// No pixel tells of its neighbour: the noise is white where each pixel has a value of its own.
TEST(ScaledNoise, IsWhiteAtTheBase) {
  const at::Tensor frame = noise({256, 320});
  EXPECT_NEAR(centred_correlation(frame.narrow(2, 0, 319), frame.narrow(2, 1, 319)), 0, 0.02);
  EXPECT_NEAR(centred_correlation(frame.narrow(1, 0, 255), frame.narrow(1, 1, 255)), 0, 0.02);
  EXPECT_NEAR(centred_correlation(frame[0], frame[1]), 0, 0.02);
}

TEST(ScaledNoise, IsAFunctionOfItsKey) {
  EXPECT_TRUE(at::equal(noise({600, 500}), noise({600, 500})));
  EXPECT_LT(centred_correlation(noise({600, 500}), noise({600, 500}, {.seed = 7, .frame = 4})), 0.05);
  EXPECT_LT(centred_correlation(noise({600, 500}), noise({600, 500}, {.seed = 8, .frame = 3})), 0.05);
  const at::Tensor loud = noise({300, 300}, kKey, 10);
  EXPECT_EQ(loud.min().item<float>(), 0);
  EXPECT_EQ(loud.max().item<float>(), 1);
  EXPECT_THROW(noise({0, 3}), std::invalid_argument);
}

TEST(ScaledNoise, TakesAnyShape) {
  for (const Size size : {Size{1, 1}, Size{1, 700}, Size{700, 3}, Size{1, 16384}, Size{33, 4000}})
    EXPECT_EQ(noise(size).sizes(), (at::IntArrayRef{3, size.height, size.width}));
}

}  // namespace
}  // namespace dreamreel::image
