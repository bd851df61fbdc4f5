#include "dreamreel/image/resample.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "bicubic.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/scaled_noise.h"

namespace dreamreel::image {
namespace {

const at::Device kCpu{at::kCPU};

at::Tensor random_frame(Size size, std::uint64_t seed = 1) {
  return noise_frame(size.height, size.width, {seed, 0, 0, 0}, Purpose::start_noise, 0.2);
}

/// A smooth picture without features below about 10 px.
at::Tensor smooth_frame(Size size) {
  return gaussian_blur(random_frame(size), 4.0).sub_(0.5).mul_(8).add_(0.5);
}

at::Tensor resampled(const at::Tensor& frame, const CameraStep& camera, Border border = Border::mirror) {
  return resample(frame, positions({frame.size(1), frame.size(2)}, camera, {}, kCpu), border);
}

at::Tensor middle(const at::Tensor& tensor, std::int64_t rim) {
  return tensor.narrow(1, rim, tensor.size(1) - 2 * rim).narrow(2, rim, tensor.size(2) - 2 * rim);
}

float largest(const at::Tensor& difference) {
  return difference.abs().max().item<float>();
}

double laplacian_variance(const at::Tensor& frame) {
  const at::Tensor y = luma(frame).squeeze(0);
  const auto part = [&y](std::int64_t row, std::int64_t column) {
    return y.narrow(0, row, y.size(0) - 2).narrow(1, column, y.size(1) - 2);
  };
  return (part(0, 1) + part(2, 1) + part(1, 0) + part(1, 2) - 4 * part(1, 1)).var().item<double>();
}

class EveryBorder : public ::testing::TestWithParam<Border> {};

TEST_P(EveryBorder, StandingStillChangesNothingBitForBit) {
  for (const Size size : {Size{1, 1}, Size{2, 3}, Size{37, 53}, Size{360, 640}, Size{31, 4097}}) {
    const at::Tensor frame = random_frame(size);
    EXPECT_TRUE(at::equal(resampled(frame, {}, GetParam()), frame)) << size.height << " x " << size.width;
    const at::Tensor still = positions(size, {}, at::zeros({2, size.height, size.width}), kCpu);
    EXPECT_TRUE(at::equal(resample(frame, still, GetParam()), frame));
  }
}

TEST_P(EveryBorder, WholeShiftsAreExactInside) {
  const at::Tensor frame = random_frame({24, 40});
  at::Tensor flow = at::empty({2, 24, 40});
  flow[0].fill_(5);
  flow[1].fill_(-3);
  const at::Tensor moved = resample(frame, positions({24, 40}, {}, flow, kCpu), GetParam());
  EXPECT_TRUE(at::equal(moved.narrow(1, 3, 21).narrow(2, 0, 35), frame.narrow(1, 0, 21).narrow(2, 5, 35)));
}

TEST_P(EveryBorder, FarOutsideIsStillAPicture) {
  for (const Size size : {Size{1, 1}, Size{3, 2}, Size{24, 40}}) {
    const at::Tensor frame = random_frame(size);
    for (const double pan : {-1e6, -7.3, -1.0, 0.999, 5.5, 1e6}) {
      const at::Tensor moved =
          resampled(frame, {.zoom = 0.1, .rotate_degrees = 33, .pan_x = pan, .pan_y = -pan}, GetParam());
      EXPECT_TRUE(at::isfinite(moved).all().item<bool>());
      EXPECT_LT(largest(moved - 0.5), 1.0);  // [0,1] and the kernel's overshoot
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryBorder,
                         ::testing::Values(Border::mirror, Border::wrap, Border::edge, Border::noise));

/// The column of a 5 px wide picture that a border shows at column `at`, at whole positions.
float column_at(Border border, std::int64_t at) {
  const at::Tensor frame = at::arange(5, at::kFloat).view({1, 1, 5}).repeat({3, 4, 1}) / 8;
  at::Tensor flow = at::zeros({2, 4, 5});
  flow[0].fill_(static_cast<float>(at));
  return resample(frame, positions({4, 5}, {}, flow, kCpu), border)[0][0][0].item<float>() * 8;
}

TEST(Borders, ShowTheRightPixelOutside) {
  for (const std::int64_t at : {-13, -10, -6, -5, -2, -1, 0, 3, 4, 5, 6, 9, 10, 14}) {
    const auto modulo = [at](std::int64_t period) { return ((at % period) + period) % period; };
    EXPECT_EQ(column_at(Border::wrap, at), modulo(5)) << at;
    EXPECT_EQ(column_at(Border::mirror, at), std::min(modulo(10), 9 - modulo(10))) << at;
    EXPECT_EQ(column_at(Border::edge, at), std::clamp<std::int64_t>(at, 0, 4)) << at;
  }
}

// A picture with a hand-made border, resampled in its inside, gives the right values between pixels.
TEST(Borders, InterpolateAcrossTheEdgeAsAcrossAnyPixel) {
  constexpr float kRounding = 1e-4F;  // float32 positions in the larger picture
  const at::Tensor frame = random_frame({12, 16});
  const at::Tensor mirrored = at::cat({frame.flip(2), frame, frame.flip(2)}, 2);
  const at::Tensor tiled = frame.repeat({1, 1, 3});
  const at::Tensor repeated = at::replication_pad2d(frame, {16, 16, 0, 0});
  for (const double shift : {-7.25, -0.3, 0.6, 9.9}) {
    const auto shifted = [shift](const at::Tensor& picture, Border border) {
      return resampled(picture, {.pan_x = shift / static_cast<double>(picture.size(2))}, border);
    };
    const auto expect = [&](const at::Tensor& by_hand, Border border) {
      const at::Tensor wanted = shifted(by_hand, Border::edge).narrow(2, 16, 16);
      EXPECT_LT(largest(shifted(frame, border) - wanted), kRounding) << shift;
    };
    expect(mirrored, Border::mirror);
    expect(tiled, Border::wrap);
    expect(repeated, Border::edge);
  }
}

TEST(Borders, NoiseIsFreshWhereThePreviousFrameHasNothing) {
  const at::Tensor frame = random_frame({20, 30});
  const RandomKey key{3, 17, 0, 0};
  const at::Tensor where = positions({20, 30}, {.pan_x = 0.5}, {}, kCpu);
  const at::Tensor moved = resample(frame, where, Border::noise, key);
  const at::Tensor noise = noise_frame(20, 30, key, Purpose::border_noise);
  EXPECT_TRUE(at::equal(moved.narrow(2, 15, 15), noise.narrow(2, 15, 15)));
  EXPECT_TRUE(at::equal(moved.narrow(2, 0, 15), frame.narrow(2, 15, 15)));
}

TEST(Borders, ScaledNoiseIsThatOfEverySize) {
  const at::Tensor frame = random_frame({20, 30});
  const RandomKey key{3, 17, 0, 0};
  const at::Tensor where = positions({20, 30}, {.pan_x = 0.5}, {}, kCpu);
  const at::Tensor moved = resample(frame, where, Border::scaled_noise, key);
  const at::Tensor noise = scaled_noise_frame(20, 30, key, Purpose::border_noise);
  EXPECT_TRUE(at::equal(moved.narrow(2, 15, 15), noise.narrow(2, 15, 15)));
  EXPECT_TRUE(at::equal(moved.narrow(2, 0, 15), frame.narrow(2, 15, 15)));
}

TEST(Borders, NoiseMayBeThatOfLargerFrames) {
  const at::Tensor frame = random_frame({20, 30});
  const RandomKey key{3, 17, 0, 0};
  const at::Tensor where = positions({20, 30}, {.pan_x = 0.5}, {}, kCpu);
  const auto outside = [&](const at::Tensor& moved) { return moved.narrow(2, 15, 15); };
  const at::Tensor noise =
      image::resize(noise_frame(40, 60, key, Purpose::border_noise), {20, 30}).clamp(0, 1);
  EXPECT_TRUE(at::equal(outside(resample(frame, where, Border::noise, key, {40, 60})), outside(noise)));
  EXPECT_TRUE(at::equal(resample(frame, where, Border::scaled_noise, key, {40, 60}),
                        resample(frame, where, Border::scaled_noise, key)));
}

// The centre of gravity of the bright pixels.
std::pair<double, double> bright_spot(const at::Tensor& frame) {
  const at::Tensor weight = frame[0].clamp(0, 1);
  const double total = weight.sum().item<double>();
  const at::Tensor x = at::arange(frame.size(2), at::kFloat), y = at::arange(frame.size(1), at::kFloat);
  return {(weight * x).sum().item<double>() / total, (weight * y.unsqueeze(1)).sum().item<double>() / total};
}

at::Tensor square(Size size, std::int64_t left, std::int64_t top, std::int64_t side) {
  at::Tensor frame = at::zeros({3, size.height, size.width});
  frame.narrow(1, top, side).narrow(2, left, side).fill_(1);
  return frame;
}

TEST(Camera, ZoomTwoDoublesAPicturesSide) {
  const at::Tensor zoomed = resampled(square({80, 120}, 50, 30, 20), {.zoom = 2});
  // The middle 20 x 20 becomes the middle 40 x 40; two pixels at its edge are the kernel's slope.
  EXPECT_GT(zoomed.narrow(1, 22, 36).narrow(2, 42, 36).min().item<float>(), 0.95);
  EXPECT_NEAR(zoomed[0].sum().item<double>(), 40 * 40, 40);
  const auto [x, y] = bright_spot(zoomed);
  EXPECT_NEAR(x, 59.5, 0.01);
  EXPECT_NEAR(y, 39.5, 0.01);
}

TEST(Camera, ZoomKeepsThePivotInPlace) {
  // Its centre is at a quarter of the width and three quarters of the height.
  const at::Tensor frame = square({80, 120}, 27, 57, 6);
  const auto [x, y] = bright_spot(resampled(frame, {.zoom = 2.5, .pivot_x = 0.25, .pivot_y = 0.75}));
  EXPECT_NEAR(x, 29.5, 0.05);
  EXPECT_NEAR(y, 59.5, 0.05);
}

TEST(Camera, RotationIsAnticlockwiseOnTheScreen) {
  const at::Tensor right = square({81, 81}, 69, 39, 3);  // 30 px right of the middle
  const auto [x, y] = bright_spot(resampled(right, {.rotate_degrees = 90}, Border::edge));
  EXPECT_NEAR(x, 40, 0.01);
  EXPECT_NEAR(y, 10, 0.01);  // at the top
  const auto [x45, y45] = bright_spot(resampled(right, {.rotate_degrees = 45}, Border::edge));
  EXPECT_NEAR(x45, 40 + 30 / std::numbers::sqrt2, 0.05);
  EXPECT_NEAR(y45, 40 - 30 / std::numbers::sqrt2, 0.05);
}

TEST(Camera, PanMovesTheViewSoThePictureGoesTheOtherWay) {
  const auto [x, y] = bright_spot(resampled(square({80, 120}, 58, 38, 4), {.pan_x = 0.25, .pan_y = -0.125}));
  EXPECT_NEAR(x, 59.5 - 30, 0.01);
  EXPECT_NEAR(y, 39.5 + 10, 0.01);
}

// A kernel that moves slow waves too far makes the speed depend on the frame rate. PyTorch's a = -3/4 moves
// them too far by half.
TEST(Camera, ManySmallShiftsAddUp) {
  constexpr double kInterpolation = 2e-3;  // 64 passes over waves of 40 px
  const at::Tensor x = at::arange(160, at::kFloat);
  const auto waves = [&x](double shift) {
    return ((x + shift) * (2 * std::numbers::pi / 40))
        .sin()
        .mul(0.4)
        .add(0.5)
        .view({1, 1, 160})
        .repeat({3, 8, 1});
  };
  at::Tensor picture = waves(0);
  for (int i = 0; i < 64; ++i) picture = resampled(picture, {.pan_x = 1.0 / 16 / 160}, Border::wrap);
  EXPECT_LT(largest(picture - waves(4)), kInterpolation);
}

// Units are per second, so a job at another frame rate shows the same picture at the same time.
TEST(Camera, ASecondOfZoomIsTheSameAtEveryFrameRate) {
  // Sixty bicubic passes over a picture without features below 10 px; one pass costs about 1e-4.
  constexpr double kInterpolation = 0.01;
  const at::Tensor frame = smooth_frame({120, 160});
  const auto after_a_second = [&frame](int fps) {
    const CameraStep step{.zoom = std::pow(2.0, 1.0 / fps), .rotate_degrees = 30.0 / fps};
    at::Tensor picture = frame;
    for (int i = 0; i < fps; ++i) picture = resampled(picture, step);
    return picture;
  };
  const at::Tensor at_once = after_a_second(1);
  for (const int fps : {12, 24, 60}) {
    // A margin that nothing from outside the first frame can have reached.
    EXPECT_LT(largest(middle(after_a_second(fps) - at_once, 8)), kInterpolation) << fps;
  }
  EXPECT_GT(largest(at_once - frame), 0.1);
}

TEST(SmallestCoveringZoom, IsThatOfTheRotatedCorners) {
  const Size size{360, 640};
  EXPECT_NEAR(smallest_covering_zoom(size, {}), 1, 1e-12);
  const double angle = 0.5 * std::numbers::pi / 180;
  EXPECT_NEAR(smallest_covering_zoom(size, {.rotate_degrees = 0.5}),
              std::cos(angle) + 640.0 / 360 * std::sin(angle), 1e-9);
  EXPECT_NEAR(smallest_covering_zoom(size, {.rotate_degrees = -0.5}),
              smallest_covering_zoom(size, {.rotate_degrees = 0.5}), 1e-12);
  EXPECT_NEAR(smallest_covering_zoom(size, {.pan_x = 0.01}), 0.5 / 0.49, 1e-9);
  EXPECT_EQ(smallest_covering_zoom(size, {.pan_x = 0.01, .pivot_x = 1}),
            std::numeric_limits<double>::infinity());
}

TEST(SmallestCoveringZoom, LeavesNoPositionOutside) {
  const Size size{72, 128};
  CameraStep step{.rotate_degrees = 7, .pan_x = 0.02, .pan_y = -0.01, .pivot_x = 0.3, .pivot_y = 0.6};
  step.zoom = smallest_covering_zoom(size, step);
  const auto outside = [&] {
    const at::Tensor at = positions(size, step, {}, kCpu);
    return std::max({-at.min().item<double>() - 0.5, at[0].max().item<double>() - 127.5,
                     at[1].max().item<double>() - 71.5});
  };
  EXPECT_LE(outside(), 0);
  step.zoom *= 0.97;
  EXPECT_GT(outside(), 0);
}

struct Motion {
  CameraStep camera{.zoom = 1.05, .rotate_degrees = 2, .pan_x = 0.01};
  at::Tensor flow;
};

Motion motion_for(Size size) {
  at::Tensor flow = at::empty({2, size.height, size.width});
  flow[0] = (at::arange(size.height, at::kFloat) / 9).sin().unsqueeze(1) * 2 + 1.3;
  flow[1] = (at::arange(size.width, at::kFloat) / 7).cos().unsqueeze(0) * 2 - 0.6;
  return {.flow = flow};
}

at::Tensor in_two_steps(const at::Tensor& frame, const Motion& motion) {
  const at::Tensor moved = resampled(frame, motion.camera);
  return resample(moved, positions({frame.size(1), frame.size(2)}, {}, motion.flow, kCpu), Border::mirror);
}

at::Tensor in_one_step(const at::Tensor& frame, const Motion& motion) {
  const Size size{frame.size(1), frame.size(2)};
  return resample(frame, positions(size, motion.camera, motion.flow, kCpu), Border::mirror);
}

TEST(Composed, CameraAndFlowInOneStepEqualOneAfterTheOther) {
  constexpr double kInterpolation = 0.005;  // two bicubic passes over a smooth picture instead of one
  const Size size{120, 160};
  const at::Tensor frame = smooth_frame(size);
  const Motion motion = motion_for(size);
  const at::Tensor once = in_one_step(frame, motion), twice = in_two_steps(frame, motion);
  EXPECT_LT(largest(middle(once - twice, 8)), kInterpolation);
  EXPECT_GT(largest(middle(once - frame, 8)), 0.1);
}

TEST(Composed, OneStepIsSharper) {
  const Size size{120, 160};
  const at::Tensor frame = random_frame(size);
  const Motion motion = motion_for(size);
  EXPECT_GT(laplacian_variance(in_one_step(frame, motion)),
            1.3 * laplacian_variance(in_two_steps(frame, motion)));
}

TEST(Bicubic, NeverAmplifiesInFeedback) {
  at::Tensor picture = random_frame({64, 64});
  const double before = picture.var().item<double>();
  double last = before;
  for (int i = 0; i < 40; ++i) {
    picture = resampled(picture, {.pan_x = 0.3 / 64, .pan_y = 0.45 / 64}, Border::wrap);
    const double now = picture.var().item<double>();
    EXPECT_LE(now, last);
    last = now;
  }
  EXPECT_GT(last, 0.03 * before);  // only a little of white noise is slow, but that part must survive
}

TEST(Bicubic, TheCpuKernelEqualsTheOneOutOfOperators) {
  constexpr float kRounding = 2e-6F;  // 16 products in another order
  const at::Tensor padded = random_frame({21, 34});
  const at::Tensor x = at::linspace(-3, 40, std::int64_t{30} * 50).view({30, 50}),
                   y = at::linspace(30, -5, std::int64_t{30} * 50).view({30, 50});
  EXPECT_LT(largest(bicubic_on_cpu(padded, x, y) - bicubic_by_operators(padded, x, y)), kRounding);
}

TEST(Bicubic, PositionsThatAreNoNumbersReadNothingOutside) {
  const at::Tensor frame = random_frame({8, 9});
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const at::Tensor where = at::full({2, 8, 9}, bad);
    for (const Border border : {Border::mirror, Border::wrap, Border::edge})
      EXPECT_TRUE(at::isfinite(resample(frame, where, border)).all().item<bool>());
  }
}

TEST(Resample, ReadsAsManyPixelsAsThereArePositions) {
  const at::Tensor frame = random_frame({8, 9});
  const at::Tensor window = positions({8, 9}, {}, {}, kCpu).narrow(1, 2, 3).narrow(2, 4, 5);
  EXPECT_TRUE(at::equal(resample(frame, window, Border::edge), frame.narrow(1, 2, 3).narrow(2, 4, 5)));
}

TEST(Contract, SizesMustAgree) {
  const at::Tensor frame = random_frame({8, 9});
  EXPECT_THROW(resample(frame, positions({9, 8}, {}, {}, kCpu), Border::noise), std::invalid_argument);
  EXPECT_THROW(positions({8, 9}, {}, at::zeros({2, 9, 8}), kCpu), std::invalid_argument);
  EXPECT_THROW(positions({8, 9}, {.zoom = 0}, {}, kCpu), std::invalid_argument);
  EXPECT_THROW(resample(at::zeros({1, 8, 9}), positions({8, 9}, {}, {}, kCpu), Border::noise),
               std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::image
