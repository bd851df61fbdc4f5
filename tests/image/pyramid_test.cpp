#include "dreamreel/image/pyramid.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <numbers>

namespace dreamreel::image {
namespace {

// A picture given by a function of the position as fractions of the frame, so that it can be drawn at any
// size.
at::Tensor waves(Size size, double cycles) {
  const at::Tensor x = (at::arange(size.width, at::kDouble) + 0.5) / static_cast<double>(size.width);
  const at::Tensor y = (at::arange(size.height, at::kDouble) + 0.5) / static_cast<double>(size.height);
  const double turn = 2 * std::numbers::pi * cycles;
  return ((x * turn).cos().unsqueeze(0) * (y * turn).cos().unsqueeze(1) * 0.4 + 0.5)
      .to(at::kFloat)
      .unsqueeze(0)
      .repeat({3, 1, 1});
}

TEST(OctaveSizes, StartAtTheFrameAndRound) {
  const std::vector<Size> expected{{360, 640}, {257, 457}, {184, 327}, {131, 233}};
  EXPECT_EQ(octave_sizes({360, 640}, 4, 1.4), expected);
  EXPECT_EQ(octave_sizes({1, 3}, 3, 2.0), (std::vector<Size>{{1, 3}, {1, 2}, {1, 1}}));
  EXPECT_THROW(octave_sizes({0, 3}, 3, 2.0), std::invalid_argument);
}

TEST(OctaveLadder, HasTheSameCoarseOctavesForEverySize) {
  const auto small = octave_ladder({360, 640}, 131, 1.4), large = octave_ladder({1080, 1920}, 131, 1.4);
  EXPECT_EQ(small, (std::vector<Size>{{360, 640}, {257, 456}, {183, 326}, {131, 233}}));
  ASSERT_EQ(large.size(), 7U);
  EXPECT_EQ(large.front(), (Size{1080, 1920}));
  for (std::size_t i = 1; i < small.size(); ++i)
    EXPECT_EQ(large[large.size() - i], small[small.size() - i]) << i;
}

// The step to the frame itself takes up what is left.
TEST(OctaveLadder, ReachesTheFrameByOneEvenStep) {
  for (std::int64_t side = 140; side < 2000; side += 37) {
    const auto sizes = octave_ladder({side, side + 50}, 131, 1.4);
    const double step = static_cast<double>(sizes[0].height) / static_cast<double>(sizes.back().height);
    if (sizes.size() == 1) {
      EXPECT_LT(side, 131 * 1.2) << side;
      continue;
    }
    const double last = static_cast<double>(sizes[0].height) / static_cast<double>(sizes[1].height);
    EXPECT_GT(last, 1.17) << side;
    EXPECT_LT(last, 1.67) << side;
    EXPECT_NEAR(step, static_cast<double>(side) / 131, 0.01) << side;
  }
}

TEST(OctaveLadder, IsBounded) {
  EXPECT_EQ(octave_ladder({100, 80}, 131, 1.4), (std::vector<Size>{{100, 80}}));
  EXPECT_EQ(octave_ladder({100, 80}, 1e9, 1.4).size(), 1U);
  const auto many = octave_ladder({16384, 16384}, 10, 1.0000001);
  ASSERT_EQ(many.size(), 20U);
  EXPECT_EQ(many.back(), (Size{10, 10}));
  for (std::size_t i = 1; i < many.size(); ++i) EXPECT_LT(many[i].height, many[i - 1].height);
  EXPECT_THROW(octave_ladder({100, 80}, 0, 1.4), std::invalid_argument);
  EXPECT_THROW(octave_ladder({100, 80}, 20, 1), std::invalid_argument);
}

TEST(Resize, EqualSizeIsTheSamePictureBitForBit) {
  const at::Tensor picture = waves({33, 47}, 5);
  EXPECT_TRUE(at::equal(image::resize(picture, {33, 47}), picture));
}

TEST(Resize, StraightRampsStayStraight) {
  constexpr float kRounding = 1e-5F;
  const at::Tensor ramp = at::arange(40, at::kFloat).view({1, 1, 40}).repeat({1, 3, 1}) / 40;
  const at::Tensor grown = image::resize(ramp, {3, 56});
  const at::Tensor expected = (at::arange(56, at::kFloat) + 0.5) / 56 - 0.5 / 40;
  EXPECT_LT((grown - expected).narrow(2, 4, 48).abs().max().item<float>(), kRounding);
}

struct ResizeCase {
  Size from, to;
};
class ResizeBothWays : public ::testing::TestWithParam<ResizeCase> {};

// Shrinking, growing and one side each way, to odd sizes: the picture neither shifts nor changes.
TEST_P(ResizeBothWays, DrawsTheSamePictureAtTheOtherSize) {
  constexpr double kInterpolation = 0.006;  // bicubic error of a wave of 18 px and more
  const auto [from, to] = GetParam();
  const at::Tensor resized = image::resize(waves(from, 3), to);
  ASSERT_EQ(resized.sizes(), (at::IntArrayRef{3, to.height, to.width}));
  const at::Tensor error = (resized - waves(to, 3)).abs();
  constexpr std::int64_t kRim = 4;  // the border is repeated there, but the wave goes on
  EXPECT_LT(
      error.narrow(1, kRim, to.height - 2 * kRim).narrow(2, kRim, to.width - 2 * kRim).max().item<float>(),
      kInterpolation);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ResizeBothWays,
                         ::testing::Values(ResizeCase{{120, 160}, {86, 114}},
                                           ResizeCase{{86, 114}, {120, 160}},
                                           ResizeCase{{120, 80}, {67, 131}}, ResizeCase{{80, 120}, {131, 67}},
                                           ResizeCase{{240, 320}, {60, 80}}));

TEST(Resize, ShrinkingAveragesWhatTheSmallPictureCannotHold) {
  const at::Tensor stripes = at::arange(128).remainder(2).to(at::kFloat).view({1, 1, 128}).repeat({1, 96, 1});
  const at::Tensor small = image::resize(stripes, {48, 32});
  // Without antialiasing, every fourth pixel would be taken, and the result would be 0 or 1. The kernel's
  // side lobes leave a little at the rim.
  EXPECT_LT((small.narrow(2, 2, 28) - 0.5).abs().max().item<float>(), 0.02);
}

TEST(Resize, TinySizesWork) {
  EXPECT_NEAR(image::resize(waves({1, 1}, 1), {5, 7}).std().item<float>(), 0, 1e-6);
  EXPECT_EQ(image::resize(waves({9, 7}, 1), {1, 1}).numel(), 3);
  EXPECT_THROW(image::resize(waves({9, 7}, 1), {0, 1}), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::image
