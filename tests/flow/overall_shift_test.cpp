#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/flow/distant.h"
#include "dreamreel/flow/overall_shift.h"
#include "picture_with_square.h"
#include "support/scenes.h"

namespace dreamreel::flow {
namespace {

using test::wave_texture;

constexpr double kTolerance = 2.5;  // px: two pixels of frames that are made a little smaller

void expect_near(const Shift& shift, double x, double y) {
  EXPECT_NEAR(static_cast<double>(shift.x), x, kTolerance);
  EXPECT_NEAR(static_cast<double>(shift.y), y, kTolerance);
}

// A bar that is much brighter than what it passes over, which is at `x`, `y`.
at::Tensor with_bar(double x, double y, std::int64_t left, std::int64_t width) {
  at::Tensor picture = wave_texture(kPictureHeight, kPictureWidth, x, y) * 0.3;
  picture.narrow(2, left, width).copy_(wave_texture(kPictureHeight, width, 0, 0, 9));
  return luma_levels(picture);
}

TEST(OverallShift, IsTheMotionOfMostOfThePicture) {
  const at::Tensor before = luma_levels(wave_texture(kPictureHeight, kPictureWidth, 0, 0));
  expect_near(overall_shift(before, luma_levels(with_square(
                                        wave_texture(kPictureHeight, kPictureWidth, 37, -14), 100))),
              -37, 14);
  EXPECT_EQ(overall_shift(before, before), Shift());
}

TEST(OverallShift, IsNothingBetweenPicturesWithNothingInCommon) {
  EXPECT_EQ(overall_shift(luma_levels(wave_texture(kPictureHeight, kPictureWidth, 0, 0, 1)),
                          luma_levels(wave_texture(kPictureHeight, kPictureWidth, 0, 0, 2))),
            Shift());
  const at::Tensor grey = luma_levels(at::full({3, kPictureHeight, kPictureWidth}, 0.5));
  EXPECT_EQ(overall_shift(grey, grey, {12, 0}), Shift());
}

TEST(OverallShift, IsNotThatOfABrightBarInFront) {
  for (const double x : {0.0, 17.0, 41.0}) {
    SCOPED_TRACE(x);
    expect_near(overall_shift(with_bar(0, 0, 40, 56), with_bar(x, -9, 150, 56)), -x, 9);
  }
}

TEST(OverallShift, MayBeGuessed) {
  const at::Tensor before = with_bar(0, 0, 60, 80), now = with_bar(30, 0, 160, 80);
  expect_near(overall_shift(before, now, {-30, 0}), -30, 0);
  expect_near(overall_shift(before, now, {-27, 2}), -30, 0);
  expect_near(overall_shift(before, now, {-100, 0}), -30, 0);
  EXPECT_EQ(overall_shift(before, before, {-30, 0}), Shift());
}

TEST(SteadyShift, IsTheMedianGoneOn) {
  at::Tensor flow = at::full({2, 40, 60}, -1.5);
  flow[1].fill_(0.5);
  flow.narrow(2, 0, 20).fill_(9);
  EXPECT_EQ(steady_shift(flow, 8), (Shift{-12, 4}));
}

}  // namespace
}  // namespace dreamreel::flow
