#include "dreamreel/image/frame.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace dreamreel::image {
namespace {

at::Tensor uniform(std::int64_t channels, std::int64_t height, std::int64_t width) {
  at::Tensor tensor = at::empty({channels, height, width});
  fill_uniform({tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())}, {11, 0, 0, 0},
               Purpose::start_noise);
  return tensor;
}

TEST(Rgb48, EveryLevelSurvivesTheWayThroughAFrame) {
  std::vector<std::uint16_t> levels(std::size_t{65536} * 3);
  for (std::size_t i = 0; i < 65536; ++i) {
    levels[3 * i] = static_cast<std::uint16_t>(i);
    levels[3 * i + 1] = static_cast<std::uint16_t>(65535 - i);
    levels[3 * i + 2] = static_cast<std::uint16_t>(i * 40503);  // odd factor: a permutation of the levels
  }
  const at::Tensor frame = from_rgb48(levels.data(), 256, 256);
  EXPECT_EQ(to_rgb48(frame), levels);
  EXPECT_TRUE(at::equal(quantise16(frame), frame));
}

TEST(Rgb48, PlanesAreInterleavedRowByRow) {
  const at::Tensor frame = at::arange(18, at::kFloat).view({3, 2, 3}) / 65535;
  const std::vector<std::uint16_t> expected{0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 16, 5, 11, 17};
  EXPECT_EQ(to_rgb48(frame), expected);
}

TEST(Quantise, ClampsAndRoundsToTheNearestLevel) {
  const at::Tensor frame = at::tensor({-0.5F, 1.5F, 100.4F / 65535}).view({3, 1, 1});
  EXPECT_EQ(to_rgb48(frame), (std::vector<std::uint16_t>{0, 65535, 100}));
  EXPECT_EQ(to_rgb48(quantise16(frame)), (std::vector<std::uint16_t>{0, 65535, 100}));
  const at::Tensor random = uniform(3, 40, 50);
  EXPECT_TRUE(at::equal(quantise16(random.narrow(0, 0, 1)), quantise16(random).narrow(0, 0, 1))) << "alpha";
  // Half a level, and the rounding of float32 arithmetic near 1.
  EXPECT_LE((quantise16(random) - random).abs().max().item<float>(), 0.5F / 65535 + 1e-7F);
  EXPECT_TRUE(at::equal(from_rgb48(to_rgb48(random).data(), 40, 50), quantise16(random)));
}

TEST(Quantise, NotANumberBecomesBlackInIntegers) {
  const at::Tensor frame = at::full({3, 1, 1}, std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(to_rgb48(frame), (std::vector<std::uint16_t>{0, 0, 0}));
}

TEST(Noise, IsGreyWithTheGivenDeviationAndBelongsToItsKey) {
  const RandomKey key{5, 9, 0, 0};
  const at::Tensor noise = noise_frame(200, 150, key, Purpose::start_noise, 0.05);
  EXPECT_NEAR(noise.mean().item<float>(), 0.5, 0.001);  // six standard errors
  EXPECT_NEAR(noise.std().item<float>(), 0.05, 0.001);
  EXPECT_TRUE(at::equal(noise, noise_frame(200, 150, key, Purpose::start_noise, 0.05)));
  EXPECT_FALSE(at::equal(noise, noise_frame(200, 150, {5, 10, 0, 0}, Purpose::start_noise, 0.05)));
  const at::Tensor loud = noise_frame(50, 50, key, Purpose::start_noise, 10);
  EXPECT_EQ(loud.min().item<float>(), 0);
  EXPECT_EQ(loud.max().item<float>(), 1);
}

TEST(Lerp, IsExactAtBothEndsAndTakesAMask) {
  const at::Tensor a = uniform(3, 4, 5), b = uniform(3, 4, 5).flip(2).contiguous();
  EXPECT_TRUE(at::equal(image::lerp(a, b, 0.0), a));
  EXPECT_TRUE(at::equal(image::lerp(a, b, 1.0), b));
  EXPECT_TRUE(at::allclose(image::lerp(a, b, 0.25), a * 0.75 + b * 0.25));
  at::Tensor mask = at::zeros({1, 4, 5});
  mask.narrow(2, 3, 2).fill_(1);
  const at::Tensor mixed = image::lerp(a, b, mask);
  EXPECT_TRUE(at::equal(mixed.narrow(2, 0, 3), a.narrow(2, 0, 3)));
  EXPECT_TRUE(at::equal(mixed.narrow(2, 3, 2), b.narrow(2, 3, 2)));
}

TEST(Luma, WeighsThePrimaries) {
  at::Tensor frame = at::zeros({3, 1, 3});
  for (int i = 0; i < 3; ++i) frame[i][0][i] = 1;
  EXPECT_TRUE(at::allclose(luma(frame), at::tensor({0.2126F, 0.7152F, 0.0722F}).view({1, 1, 3})));
}

TEST(GaussianBlur, AnImpulseBecomesTheGaussian) {
  at::Tensor impulse = at::zeros({1, 21, 23});
  impulse[0][10][11] = 1;
  const at::Tensor blurred = gaussian_blur(impulse, 1.5);
  EXPECT_NEAR(blurred.sum().item<float>(), 1, 1e-6);
  const float centre = blurred[0][10][11].item<float>();
  EXPECT_NEAR(blurred[0][10][13].item<float>() / centre, std::exp(-0.5 * 4 / 2.25), 1e-5);
  EXPECT_NEAR(blurred[0][9][12].item<float>() / centre, std::exp(-0.5 * 2 / 2.25), 1e-5);
  EXPECT_EQ(blurred[0][10][17].item<float>(), 0);  // beyond the radius of 5
}

TEST(GaussianBlur, KeepsAFlatFieldUpToTheEdgeAndCopiesAtZero) {
  const at::Tensor flat = at::full({2, 3, 4}, 0.7F);
  EXPECT_TRUE(at::allclose(gaussian_blur(flat, 4), flat));
  const at::Tensor random = uniform(3, 5, 6), copy = gaussian_blur(random, 0);
  EXPECT_TRUE(at::equal(copy, random));
  EXPECT_NE(copy.data_ptr(), random.data_ptr());
}

TEST(Contract, WrongShapesAndTypesAreRefusedByName) {
  const auto message = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message([] {
              expect_chw(at::zeros({1, 2, 3}), 3, "the mask");
            }),
            "the mask: expected 3 channels, got Float [1, 2, 3]");
  EXPECT_EQ(message([] {
              expect_chw(at::zeros({3, 2, 3}, at::kDouble), "the frame");
            }),
            "the frame: expected float32 (C,H,W), got Double [3, 2, 3]");
  EXPECT_THROW(expect_chw({}, "nothing"), std::invalid_argument);
  EXPECT_THROW(quantise16(at::zeros({1, 3, 2, 2})), std::invalid_argument);
  EXPECT_THROW(image::lerp(at::zeros({3, 2, 2}), at::zeros({3, 2, 3}), 0.5), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::image
