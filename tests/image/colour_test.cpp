#include "dreamreel/image/colour.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "dreamreel/image/frame.h"

namespace dreamreel::image {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

at::Tensor colour(double r, double g, double b) {
  return at::tensor({r, g, b}, at::kFloat).view({3, 1, 1}).expand({3, 4, 4}).contiguous();
}

// A smooth picture with a palette of its own, away from the borders of the gamut.
at::Tensor picture(double warmth) {
  const at::Tensor y = at::linspace(0, 1, 40).view({40, 1}), x = at::linspace(0, 1, 60).view({1, 60});
  const at::Tensor wave = (x * 9).sin() * (y * 7).cos();
  return at::stack({0.45 + warmth + 0.15 * wave + 0 * y, 0.5 + 0.1 * x - 0.1 * y * wave,
                    0.45 - warmth + 0.12 * y - 0.05 * wave});
}

// The classic values of sRGB's primaries, to the published number of digits.
TEST(Lab, KnowsThePrimaries) {
  const auto expect = [](const at::Tensor& frame, double l, double a, double b) {
    const at::Tensor lab = lab_from_rgb(frame);
    EXPECT_NEAR(lab[0][0][0].item<double>(), l, 0.02);
    EXPECT_NEAR(lab[1][0][0].item<double>(), a, 0.02);
    EXPECT_NEAR(lab[2][0][0].item<double>(), b, 0.02);
  };
  expect(colour(1, 1, 1), 100, 0, 0);
  expect(colour(0, 0, 0), 0, 0, 0);
  expect(colour(1, 0, 0), 53.24, 80.09, 67.20);
  expect(colour(0, 1, 0), 87.73, -86.18, 83.18);
  expect(colour(0, 0, 1), 32.30, 79.19, -107.86);
}

TEST(Lab, GoesThereAndBack) {
  const at::Tensor frame = noise_frame(50, 70, {}, Purpose::start_noise, 0.3);
  EXPECT_LT((rgb_from_lab(lab_from_rgb(frame)) - frame).abs().max().item<double>(), 1e-4);
}

TEST(MatchLab, TakesOverMeanAndCovariance) {
  const at::Tensor from = picture(-0.1), to = picture(0.12);
  const auto target = lab_statistics(to);
  const auto found = lab_statistics(match_lab(from, target, 1));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(found.mean[i], target.mean[i], 0.05);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(found.covariance[i][k], target.covariance[i][k], 0.5);
  }
}

TEST(MatchLab, GoesHalfWayAtHalfStrengthAndNowhereAtNone) {
  const at::Tensor from = picture(-0.1);
  const auto target = lab_statistics(picture(0.12)), own = lab_statistics(from);
  EXPECT_TRUE(at::equal(match_lab(from, target, 0), from));
  EXPECT_NEAR(lab_statistics(match_lab(from, target, 0.5)).mean[2], (own.mean[2] + target.mean[2]) / 2, 0.1);
}

TEST(MatchLab, APictureWithItsOwnStatisticsStays) {
  const at::Tensor frame = picture(0.05);
  EXPECT_LT((match_lab(frame, lab_statistics(frame), 1) - frame).abs().max().item<double>(), 1e-3);
}

TEST(MatchLab, TakesPicturesOfOneColour) {
  const at::Tensor flat = colour(0.3, 0.4, 0.5);
  const at::Tensor matched = match_lab(flat, lab_statistics(picture(0.1)), 1);
  EXPECT_TRUE(matched.isfinite().all().item<bool>());
  EXPECT_NEAR(lab_statistics(match_lab(picture(0.1), lab_statistics(flat), 1)).mean[0],
              lab_statistics(flat).mean[0], 0.1);
}

TEST(WithChromaOf, KeepsLightnessAndTakesColours) {
  const at::Tensor shape = picture(0), colours = picture(0.1);
  const at::Tensor lab = lab_from_rgb(with_chroma_of(shape, colours));
  EXPECT_LT((lab[0] - lab_from_rgb(shape)[0]).abs().max().item<double>(), 0.05);
  EXPECT_LT((lab[1] - lab_from_rgb(colours)[1]).abs().max().item<double>(), 0.05);
}

TEST(LimitColours, HoldsContrastAndSaturationToTheirLimits) {
  const at::Tensor loud = noise_frame(60, 80, {}, Purpose::start_noise, 0.15);
  const at::Tensor calm = limit_colours(loud, 5, 8);
  const auto statistics = lab_statistics(calm);
  const at::Tensor lab = lab_from_rgb(calm);
  EXPECT_NEAR(std::sqrt(statistics.covariance[0][0]), 5, 0.1);
  EXPECT_NEAR((lab[1].square() + lab[2].square()).mean().sqrt().item<double>(), 8, 0.2);
  EXPECT_NEAR(statistics.mean[0], lab_statistics(loud).mean[0], 0.5);
}

TEST(LimitColours, LeavesWhatIsWithin) {
  const at::Tensor frame = picture(0.05);
  EXPECT_TRUE(at::equal(limit_colours(frame, 90, 90), frame));
  EXPECT_TRUE(at::equal(limit_colours(frame, kUnlimited, kUnlimited), frame));
}

}  // namespace
}  // namespace dreamreel::image
