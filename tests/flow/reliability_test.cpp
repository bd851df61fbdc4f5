#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/flow/reliability.h"
#include "support/scenes.h"

namespace dreamreel::flow {
namespace {

using test::wave_texture;

constexpr float kRounding = 1e-6F;  // the Gaussian's weights sum to 1 but for float32

at::Tensor uniform_flow(std::int64_t height, std::int64_t width, float x, float y) {
  at::Tensor flow = at::empty({2, height, width});
  flow[0].fill_(x);
  flow[1].fill_(y);
  return flow;
}

/// A square that moves right by kShift over a still background.
constexpr std::int64_t kSceneHeight = 120, kSceneWidth = 160, kSquareTop = 30, kSquareLeft = 40,
                       kSquareSide = 60, kShift = 9;

at::Tensor square_at(const at::Tensor& background, const at::Tensor& square, std::int64_t left) {
  at::Tensor picture = background.clone();
  picture.narrow(1, kSquareTop, kSquareSide).narrow(2, left, kSquareSide).copy_(square);
  return picture;
}

FlowPair true_square_flow() {
  FlowPair flow{at::zeros({2, kSceneHeight, kSceneWidth}), at::zeros({2, kSceneHeight, kSceneWidth})};
  flow.prev_from_cur[0]
      .narrow(0, kSquareTop, kSquareSide)
      .narrow(1, kSquareLeft + kShift, kSquareSide)
      .fill_(-kShift);
  flow.cur_from_prev[0].narrow(0, kSquareTop, kSquareSide).narrow(1, kSquareLeft, kSquareSide).fill_(kShift);
  return flow;
}

FlowPair estimated_square_flow() {
  const at::Tensor background = wave_texture(kSceneHeight, kSceneWidth, 0, 0, 1),
                   square = wave_texture(kSquareSide, kSquareSide, 0, 0, 2);
  FlowEstimator estimator({});
  return estimator.compute(square_at(background, square, kSquareLeft),
                           square_at(background, square, kSquareLeft + kShift));
}

/// What the square has uncovered, `rim` px inside its border.
at::Tensor uncovered(const at::Tensor& map, std::int64_t rim) {
  return map[0]
      .narrow(0, kSquareTop + rim, kSquareSide - 2 * rim)
      .narrow(1, kSquareLeft + rim, kShift - 2 * rim);
}

TEST(Reliability, IsZeroWhereASquareUncoversBackground) {
  const at::Tensor map = reliability(true_square_flow(), 1.0);
  constexpr std::int64_t kSoftened = 3;  // radius of the Gaussian
  EXPECT_EQ(uncovered(map, kSoftened).max().item<float>(), 0);
  EXPECT_LT(uncovered(map, 1).max().item<float>(), 0.5);
  // The square itself and the far background are known.
  EXPECT_NEAR(
      map[0].narrow(0, kSquareTop + 5, 50).narrow(1, kSquareLeft + kShift + 5, 50).min().item<float>(), 1,
      kRounding);
  EXPECT_NEAR(map[0].narrow(1, 0, 35).min().item<float>(), 1, kRounding);
  EXPECT_NEAR(map[0].narrow(1, 115, 45).min().item<float>(), 1, kRounding);
}

TEST(Reliability, HoldsForEstimatedFlowToo) {
  // Estimated flow runs smoothly from the square into what it uncovers, so single pixels beside it pass the
  // checks.
  constexpr double kPassing = 0.1;
  const at::Tensor map = reliability(estimated_square_flow());
  EXPECT_LT(uncovered(map, 1).mean().item<float>(), kPassing);
  EXPECT_GT(map[0].narrow(0, kSquareTop + 8, 44).narrow(1, kSquareLeft + kShift + 8, 44).mean().item<float>(),
            0.95);
  EXPECT_GT(map[0].narrow(1, 0, 30).mean().item<float>(), 0.99);
}

TEST(Reliability, IsOneWhereNothingMoves) {
  const FlowPair still{at::zeros({2, 9, 7}), at::zeros({2, 9, 7})};
  EXPECT_LT((reliability(still) - 1).abs().max().item<float>(), kRounding);
}

TEST(Reliability, IsZeroWhereThePreviousFrameHasNothing) {
  const FlowPair flow{uniform_flow(20, 30, -5, 2), uniform_flow(20, 30, 5, -2)};
  at::Tensor expected = at::ones({1, 20, 30});
  expected.narrow(2, 0, 5).fill_(0);
  expected.narrow(1, 18, 2).fill_(0);
  EXPECT_TRUE(at::equal(reliability(flow, 0), expected));
}

// The thresholds themselves, on both sides of each.
TEST(Reliability, FollowsTheFormula) {
  const auto inside = [](float backward, float forward) {
    return reliability(FlowPair{uniform_flow(9, 40, backward, 0), uniform_flow(9, 40, forward, 0)},
                       0)[0][4][20]
        .item<float>();
  };
  // |b + f|^2 against 0.01 (|b|^2 + |f|^2) + 0.5: b = -4, f = 4.9 gives 0.81 against 0.9001, f = 5 gives 1
  // against 0.91.
  EXPECT_EQ(inside(-4, 4.9F), 1);
  EXPECT_EQ(inside(-4, 5), 0);

  const auto at_slope = [](double slope) {
    const at::Tensor backward =
        at::stack({at::arange(40, at::kFloat).sub(20).mul(slope).repeat({9, 1}), at::zeros({9, 40})});
    return reliability(FlowPair{backward, -backward}, 0)[0][4][20].item<float>();
  };
  // Where b = 0: |grad b|^2 against 0.002.
  EXPECT_EQ(at_slope(0.044), 1);
  EXPECT_EQ(at_slope(0.046), 0);
}

TEST(Reliability, ReadsTheForwardFlowBetweenPixels) {
  // f rises by 0.04 a pixel; b(p) = -f(p + b) exactly for b = -2.5 at p = 20, so f is read at 17.5.
  const at::Tensor forward_x = (at::arange(40, at::kFloat) - 17.5).mul(0.04).add(2.5).repeat({9, 1});
  const FlowPair flow{uniform_flow(9, 40, -2.5F, 0), at::stack({forward_x, at::zeros({9, 40})})};
  // Everything within 0.75 px of agreement (0.5 + 0.01 * 12.5 = 0.79^2) is trusted: 0.04 a pixel, 19 px
  // either way.
  const at::Tensor row = reliability(flow, 0)[0][4];
  EXPECT_EQ(row[20].item<float>(), 1);
  EXPECT_EQ(row[20 - 17].item<float>(), 1);
  EXPECT_EQ(row[20 + 18].item<float>(), 1);
}

TEST(Reliability, RefusesFlowsOfDifferentSizes) {
  EXPECT_THROW(reliability(FlowPair{at::zeros({2, 9, 7}), at::zeros({2, 7, 9})}), std::invalid_argument);
}

TEST(Distrust, TellsWhatWasUncoveredFromWhatCameFromOutside) {
  const auto square = distrust(true_square_flow());
  EXPECT_EQ(square.outside.sum().item<float>(), 0);
  // One column less: the square's first column lands half on its place before, as far as its neighbours can
  // tell.
  const at::Tensor behind =
      square.uncovered[0].narrow(0, kSquareTop + 2, kSquareSide - 4).narrow(1, kSquareLeft + 2, kShift - 4);
  EXPECT_EQ(behind.min().item<float>(), 1);
  EXPECT_EQ(square.uncovered.sum().item<float>(), square.uncovered[0]
                                                      .narrow(0, kSquareTop, kSquareSide)
                                                      .narrow(1, kSquareLeft, kShift)
                                                      .sum()
                                                      .item<float>());
  EXPECT_GT(square.edge.sum().item<float>(), 0) << "around the square";

  const auto pan = distrust(
      {uniform_flow(kSceneHeight, kSceneWidth, 5, 0), uniform_flow(kSceneHeight, kSceneWidth, -5, 0)});
  EXPECT_EQ(pan.outside.sum().item<float>(), 5 * kSceneHeight);
  EXPECT_EQ((pan.uncovered + pan.edge).sum().item<float>(), 0);
}

TEST(Distrust, IsWhatReliabilityLacks) {
  const auto flow = estimated_square_flow();
  const auto maps = distrust(flow);
  EXPECT_TRUE(at::equal(1 - (maps.outside + maps.uncovered + maps.edge), reliability(flow, 0)));
  EXPECT_TRUE(at::equal(reliability(maps), reliability(flow)));
}

}  // namespace
}  // namespace dreamreel::flow
