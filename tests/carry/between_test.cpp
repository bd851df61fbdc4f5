#include "dreamreel/carry/between.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/carry/motion.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/image/frame.h"

namespace dreamreel::carry {
namespace {

constexpr std::int64_t kHeight = 60, kWidth = 80;
constexpr image::Size kSize{kHeight, kWidth};
constexpr std::int64_t kMargin = 12;        // px at the frame's edge, where a neighbour's content is missing
constexpr double kBicubicTolerance = 2e-3;  // for the smooth picture below, resampled once

// Smooth waves as a camera sees them: the colours at `positions` of the plain picture.
at::Tensor waves(const at::Tensor& positions) {
  const at::Tensor x = positions[0], y = positions[1];
  return at::stack({0.5 + 0.2 * at::sin(0.31 * x + 0.11 * y), 0.5 + 0.2 * at::cos(0.23 * y - 0.07 * x),
                    0.5 + 0.2 * at::sin(0.17 * (x + y))});
}

at::Tensor still() {
  return image::positions(kSize, {}, {}, at::kCPU);
}

at::Tensor flow(double dx, double dy) {
  at::Tensor flow = at::empty({2, kHeight, kWidth});
  flow[0] = dx;
  flow[1] = dy;
  return flow;
}

Motion moving(double dx, double dy) {
  Motion motion;
  motion.prev_from_cur = flow(dx, dy);
  return motion;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b, std::int64_t margin) {
  const auto middle = [&](const at::Tensor& picture) {
    return picture.slice(1, margin, kHeight - margin).slice(2, margin, kWidth - margin);
  };
  return (middle(a) - middle(b)).abs().max().item<double>();
}

const footage::Outside kOutside{image::Border::mirror, {}};

at::Tensor grey(double level) {
  return at::full({3, kHeight, kWidth}, level);
}

Neighbour standing(double dreamed, double source, double share) {
  return neighbour_behind(grey(dreamed), grey(source), {}, {}, share);
}

TEST(Filled, AddsTheMeanOfWhatBothDreamsAddedByTime) {
  const at::Tensor all = filled(grey(0.5), standing(0.6, 0.4, 0.75), standing(0.5, 0.6, 0.25), kOutside, {});
  EXPECT_LT(largest_difference(all, grey(0.5 + 0.75 * 0.2 - 0.25 * 0.1), 0), 1e-6);
}

TEST(Filled, TakesTheSideThatCanBeTrusted) {
  Neighbour before = standing(0.6, 0.4, 0.5), after = standing(0.5, 0.6, 0.5);
  before.reliability = at::zeros({1, kHeight, kWidth});
  after.reliability = at::ones({1, kHeight, kWidth});
  EXPECT_LT(largest_difference(filled(grey(0.5), before, after, kOutside, {}), grey(0.4), 0), 1e-3);
  after.reliability = before.reliability;
  EXPECT_LT(largest_difference(filled(grey(0.5), before, after, kOutside, {}), grey(0.5), 0), 1e-6);
}

TEST(Filled, WithoutASourceFallsBackOnTime) {
  Neighbour before = standing(0.6, 0, 0.75), after = standing(0.2, 0, 0.25);
  before.source = after.source = at::Tensor();
  before.reliability = after.reliability = at::zeros({1, kHeight, kWidth});
  EXPECT_LT(largest_difference(filled({}, before, after, kOutside, {}), grey(0.5), 0), 1e-6);
}

// The picture moves right by 3 px to the frame in between. To the frame after, it moves right by 4 px more,
// and down by 1 px.
TEST(Filled, BringsBothDreamsToWhereTheFrameIs) {
  const at::Tensor before = waves(still()), between = waves(still() + flow(-3, 0)),
                   after = waves(still() + flow(-7, -1));
  const at::Tensor dark = at::zeros_like(before);
  const Neighbour behind = neighbour_behind(before, dark, {}, moving(-3, 0), 0.5);
  const Neighbour ahead = neighbour_ahead(after, dark, {}, moving(4, 1), 0.5);
  EXPECT_LT(largest_difference(filled(dark, behind, ahead, kOutside, {}), between, kMargin), 1e-4);
}

TEST(Filled, ShowsNothingFromBeyondTheEdgeWhereOneSideHasIt) {
  const at::Tensor before = waves(still()), between = waves(still() + flow(-10, 0)),
                   after = waves(still() + flow(-20, 0));
  const Neighbour behind = neighbour_behind(before, {}, {}, moving(-10, 0), 0.5);
  const Neighbour ahead = neighbour_ahead(after, {}, {}, moving(10, 0), 0.5);
  const at::Tensor all = filled({}, behind, ahead, kOutside, {});
  EXPECT_LT((all - between).slice(2, 0, 6).abs().max().item<double>(), 1e-3);
  EXPECT_LT((all - between).slice(2, kWidth - 6, kWidth).abs().max().item<double>(), 1e-3);
}

double fine_detail(const at::Tensor& picture) {
  return (picture - image::gaussian_blur(picture, 0.5)).square().mean().item<double>();
}

TEST(SharpenedBetween, HasTheFineDetailOfBothByTime) {
  const at::Tensor grain = image::noise_frame(kHeight, kWidth, {}, Purpose::start_noise, 0.05);
  const at::Tensor weak = 0.5 + (grain - 0.5) * 0.5;
  const Neighbour before = neighbour_behind(grain, {}, {}, {}, 0.25),
                  after = neighbour_behind(weak, {}, {}, {}, 0.75);
  const double wanted = 0.25 * fine_detail(grain) + 0.75 * fine_detail(weak);
  const at::Tensor soft = image::gaussian_blur(0.5 + (grain - 0.5) * 0.66, 0.4);
  EXPECT_LT(fine_detail(soft), 0.8 * wanted);
  EXPECT_NEAR(fine_detail(sharpened_between(soft, before, after)) / wanted, 1, 0.1);
  EXPECT_TRUE(sharpened_between(grain, before, after).equal(grain));
}

constexpr image::CameraStep kCamera{1.08, 3, 0.02, -0.01, 0.4, 0.6};

TEST(Inverse, UndoesAStep) {
  const at::Tensor there = image::positions(kSize, kCamera, {}, at::kCPU);
  const at::Tensor and_back = image::positions(kSize, inverse(kCamera, kSize), there - still(), at::kCPU);
  EXPECT_LT((and_back - still()).abs().max().item<double>(), 1e-3);
}

TEST(PartOf, PartsOfATurningZoomMakeTheWhole) {
  const image::CameraStep step{1.2, 10, 0, 0, 0.4, 0.6};
  const at::Tensor third = image::positions(kSize, part_of(step, 1.0 / 3), {}, at::kCPU);
  const at::Tensor whole = image::positions(kSize, part_of(step, 2.0 / 3), third - still(), at::kCPU);
  EXPECT_LT((whole - image::positions(kSize, step, {}, at::kCPU)).abs().max().item<double>(), 1e-3);
}

TEST(Filled, FollowsACameraFromBothSides) {
  const image::CameraStep step{1.12, 8, 0, 0, 0.4, 0.6};
  const at::Tensor before = waves(still()), after = waves(image::positions(kSize, step, {}, at::kCPU));
  const at::Tensor between = waves(image::positions(kSize, part_of(step, 0.5), {}, at::kCPU));
  const Neighbour behind = neighbour_behind(before, {}, part_of(step, 0.5), {}, 0.5);
  const Neighbour ahead = neighbour_ahead(after, {}, part_of(step, 0.5), {}, 0.5);
  EXPECT_LT(largest_difference(filled({}, behind, ahead, kOutside, {}), between, kMargin), kBicubicTolerance);
  EXPECT_GT(largest_difference(filled({}, behind, behind, kOutside, {}), after, kMargin), 0.05);
}

// The camera moves the dream first, then the flow does, as in image::positions().
TEST(Filled, FollowsCameraAndFlowTogether) {
  const at::Tensor before = waves(still());
  const at::Tensor after = waves(image::positions(kSize, kCamera, flow(-4, 2), at::kCPU));
  const Neighbour ahead = neighbour_ahead(after, {}, kCamera, moving(4, -2), 0.5);
  EXPECT_LT(largest_difference(filled({}, ahead, ahead, kOutside, {}), before, kMargin), kBicubicTolerance);
}

}  // namespace
}  // namespace dreamreel::carry
