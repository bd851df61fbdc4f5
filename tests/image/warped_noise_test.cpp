#include "dreamreel/image/warped_noise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"

namespace dreamreel::image {
namespace {

constexpr Size kSize{180, 220};
constexpr RandomKey kNewFrame{7, 3, 0, 0};

// The statistics below are means over some 120,000 numbers, so their own deviation is 0.003 to 0.004 (0.03
// for the fourth moment). The tolerances are five times that.
constexpr double kTolerance = 0.02, kFourthTolerance = 0.15;

at::Tensor old_noise() {
  return white_noise(3, kSize.height, kSize.width, {7, 2, 0, 0}, Purpose::warped_noise);
}

at::Tensor warped(const at::Tensor& noise, const at::Tensor& positions) {
  return warped_noise(noise, positions, kNewFrame, Purpose::warped_noise);
}

at::Tensor by_camera(const CameraStep& camera) {
  return positions(kSize, camera, {}, at::kCPU);
}

/// The map of a picture that moves right by dx and down by dy px.
at::Tensor shifted_by(double dx, double dy) {
  at::Tensor where = by_camera({});
  where[0] -= dx;
  where[1] -= dy;
  return where;
}

/// Each half of the frame shows the left half of the old frame.
at::Tensor twice_the_left_half() {
  at::Tensor where = by_camera({});
  where[0] = where[0].remainder(static_cast<double>(kSize.width / 2));
  return where;
}

/// A map without order: every pixel comes from anywhere.
at::Tensor scattered() {
  const at::Tensor anywhere = white_noise(2, kSize.height, kSize.width, {1, 1, 0, 0}, Purpose::fresh_noise);
  return anywhere * 60 + 90;
}

double mean_product(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).mean().item<double>();
}

at::Tensor part(const at::Tensor& tensor, std::int64_t top, std::int64_t left, std::int64_t height,
                std::int64_t width) {
  return tensor.narrow(1, top, height).narrow(2, left, width);
}

double correlation_about_zero(const at::Tensor& a, const at::Tensor& b) {
  return mean_product(a, b) / std::sqrt(mean_product(a, a) * mean_product(b, b));
}

/// Mean product of each pixel with the pixel `dy` below it and `dx` right of it.
double autocorrelation(const at::Tensor& noise, std::int64_t dy, std::int64_t dx) {
  const std::int64_t height = noise.size(1) - dy, width = noise.size(2) - dx;
  return mean_product(part(noise, 0, 0, height, width), part(noise, dy, dx, height, width));
}

void expect_white(const at::Tensor& noise) {
  EXPECT_NEAR(noise.mean().item<double>(), 0, kTolerance);
  EXPECT_NEAR(mean_product(noise, noise), 1, kTolerance);
  EXPECT_NEAR(noise.pow(4).mean().item<double>(), 3, kFourthTolerance);
  for (const auto& [dy, dx] : {std::pair{0, 1}, {1, 0}, {1, 1}, {0, 2}, {2, 0}, {2, 3}})
    EXPECT_NEAR(autocorrelation(noise, dy, dx), 0, kTolerance) << dy << " " << dx;
  EXPECT_NEAR(mean_product(noise[0], noise[1]), 0, kTolerance);
  EXPECT_NEAR(mean_product(noise[1], noise[2]), 0, kTolerance);
}

/// How well the noise has moved as a picture would: correlation away from the rim, over what is larger than a
/// pixel. White noise has detail down to a pixel, which no frame can show at half a pixel's distance.
double along(const at::Tensor& before, const at::Tensor& after, const at::Tensor& positions, double blur_px) {
  constexpr std::int64_t kRim = 30;
  const at::Tensor moved = resample(gaussian_blur(before, blur_px), positions, Border::mirror);
  const auto middle = [](const at::Tensor& frame) {
    return part(frame, kRim, kRim, kSize.height - 2 * kRim, kSize.width - 2 * kRim);
  };
  return correlation_about_zero(middle(moved), middle(gaussian_blur(after, blur_px)));
}

TEST(WarpedNoise, IsWhiteWhateverTheMap) {
  const at::Tensor noise = old_noise();
  expect_white(noise);
  for (const at::Tensor& map :
       {shifted_by(0.5, -0.3), shifted_by(-3.25, 7.5), by_camera({.rotate_degrees = 7}),
        by_camera({.rotate_degrees = 45}), by_camera({.zoom = 1.07}), by_camera({.zoom = 2.5}),
        by_camera({.zoom = 0.8}), by_camera({.zoom = 0.3, .rotate_degrees = 100}), twice_the_left_half(),
        scattered()})
    expect_white(warped(noise, map));
}

TEST(WarpedNoise, WholePixelsMoveBitForBit) {
  const at::Tensor noise = old_noise();
  EXPECT_TRUE(at::equal(warped(noise, by_camera({})), noise));
  const at::Tensor moved = warped(noise, shifted_by(5, -3));
  EXPECT_TRUE(at::equal(part(moved, 0, 5, kSize.height - 3, kSize.width - 5),
                        part(noise, 3, 0, kSize.height - 3, kSize.width - 5)));
  const at::Tensor fresh = part(moved, 0, 0, kSize.height, 5);
  EXPECT_NEAR(fresh.square().mean().item<double>(), 1, 0.12);  // only 2,700 numbers
}

TEST(WarpedNoise, APixelGetsOfEachOldOneItsShareOfTheArea) {
  const at::Tensor noise = old_noise(), moved = warped(noise, shifted_by(0.25, 0));
  const auto width = kSize.width - 2;
  const auto share_of = [&](std::int64_t left) {
    return mean_product(part(moved, 0, 1, kSize.height, width), part(noise, 0, left, kSize.height, width));
  };
  EXPECT_NEAR(share_of(1), 0.75, kTolerance);
  EXPECT_NEAR(share_of(0), 0.25, kTolerance);
  EXPECT_NEAR(share_of(2), 0, kTolerance);
}

TEST(WarpedNoise, ThoseWhoAskForTheSamePixelShareIt) {
  const at::Tensor noise = old_noise(), moved = warped(noise, twice_the_left_half());
  const std::int64_t half = kSize.width / 2, width = half - 4;  // without the seam
  const at::Tensor first = part(moved, 0, 2, kSize.height, width),
                   second = part(moved, 0, half + 2, kSize.height, width),
                   old = part(noise, 0, 2, kSize.height, width);
  constexpr double kHalfTheArea = 0.7071;  // as a correlation
  EXPECT_NEAR(mean_product(first, old), kHalfTheArea, kTolerance);
  EXPECT_NEAR(mean_product(second, old), kHalfTheArea, kTolerance);
  EXPECT_NEAR(mean_product(first, second), 0, kTolerance);
}

TEST(WarpedNoise, FollowsThePicture) {
  constexpr double kBlurPx = 2;
  const at::Tensor noise = old_noise();
  for (const at::Tensor& map :
       {shifted_by(0.5, 0.5), shifted_by(-0.2, 0.1), shifted_by(3.3, -8.6), by_camera({.rotate_degrees = 4}),
        by_camera({.zoom = 1.05}), by_camera({.zoom = 1.05, .rotate_degrees = -10, .pan_x = 0.01})})
    EXPECT_GT(along(noise, warped(noise, map), map, kBlurPx), 0.95);
  // A picture that shrinks by a tenth: the blur reaches further in the old frame.
  const at::Tensor smaller = by_camera({.zoom = 0.9});
  EXPECT_GT(along(noise, warped(noise, smaller), smaller, kBlurPx), 0.93);
}

TEST(WarpedNoise, StaysWhiteAndInPlaceOverASecond) {
  const at::Tensor noise = old_noise(), step = shifted_by(0.3, -0.1);
  at::Tensor moved = noise;
  for (std::int32_t frame = 0; frame < 24; ++frame)
    moved = warped_noise(moved, step, {7, frame, 0, 0}, Purpose::warped_noise);
  expect_white(moved);
  EXPECT_GT(along(noise, moved, shifted_by(24 * 0.3, -24 * 0.1), 4), 0.8);
}

TEST(WarpedNoise, IsFreshWhereThePlaceWasUncovered) {
  const at::Tensor noise = old_noise(), step = shifted_by(0.1, 0);
  at::Tensor uncovered = at::zeros({1, kSize.height, kSize.width});
  uncovered.narrow(2, 100, 60).fill_(1);
  const at::Tensor moved = warped_noise(noise, step, kNewFrame, Purpose::warped_noise, uncovered);
  expect_white(moved);
  const auto kept = [&](std::int64_t left) {
    return mean_product(part(moved, 0, left, kSize.height, 60), part(noise, 0, left, kSize.height, 60));
  };
  constexpr double kOfAPart = 0.035;  // five deviations of 32,000 numbers
  EXPECT_NEAR(kept(20), 0.9, kOfAPart);
  EXPECT_NEAR(kept(100), 0, kOfAPart);
}

TEST(WarpedNoise, TheKeyGivesTheBits) {
  const at::Tensor noise = old_noise(), map = by_camera({.zoom = 1.1, .rotate_degrees = 3});
  const at::Tensor first = warped(noise, map);
  EXPECT_TRUE(at::equal(warped(noise, map), first));
  EXPECT_FALSE(at::equal(warped_noise(noise, map, {8, 3, 0, 0}, Purpose::warped_noise), first));
  EXPECT_FALSE(at::equal(warped_noise(noise, map, {7, 4, 0, 0}, Purpose::warped_noise), first));
  EXPECT_FALSE(at::equal(warped_noise(noise, map, {7, 3, 0, 1}, Purpose::warped_noise), first));
}

TEST(WarpedNoise, SurvivesPositionsThatAreNone) {
  at::Tensor map = by_camera({});
  map[0][3][4] = std::numeric_limits<float>::quiet_NaN();
  map[1][5][6] = std::numeric_limits<float>::infinity();
  map[0][7][8] = -1e30F;
  EXPECT_TRUE(at::isfinite(warped(old_noise(), map)).all().item<bool>());
  for (const auto& [height, width] : {std::pair{1, 1}, {1, 9}, {9, 1}}) {
    const at::Tensor noise = white_noise(1, height, width, kNewFrame, Purpose::warped_noise);
    EXPECT_TRUE(at::equal(warped(noise, positions({height, width}, {}, {}, at::kCPU)), noise));
  }
}

TEST(WarpedNoise, LastsForAllWhoAskForOnePixel) {
  for (const double zoom : {100.0, 10'000.0}) {
    const at::Tensor moved = warped(old_noise(), by_camera({.zoom = zoom}));
    EXPECT_TRUE(at::isfinite(moved).all().item<bool>()) << zoom;
    EXPECT_LT(moved.abs().max().item<double>(), 8) << zoom;
  }
}

TEST(WarpedNoise, RefusesMapsOfAnotherSize) {
  EXPECT_THROW(warped(old_noise(), at::zeros({2, 4, 4})), std::invalid_argument);
  EXPECT_THROW(warped(old_noise(), at::zeros({1, kSize.height, kSize.width})), std::invalid_argument);
  EXPECT_THROW(white_noise(3, 0, 4, kNewFrame, Purpose::warped_noise), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::image
