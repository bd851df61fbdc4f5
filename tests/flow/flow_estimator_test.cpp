#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/flow/reliability.h"
#include "support/layered_scene.h"
#include "support/scenes.h"

namespace dreamreel::flow {
namespace {

using test::wave_texture;

/// The length of the error away from the frame's rim: what moves in from outside cannot be found.
at::Tensor error_px(const at::Tensor& field, double x, double y) {
  constexpr std::int64_t kRim = 32;
  const at::Tensor wanted = at::tensor({static_cast<float>(x), static_cast<float>(y)}).view({2, 1, 1});
  return (field - wanted)
      .square()
      .sum(0)
      .sqrt()
      .narrow(0, kRim, field.size(1) - 2 * kRim)
      .narrow(1, kRim, field.size(2) - 2 * kRim);
}

struct Translation {
  Method method;
  double dx, dy;
};
class KnownTranslation : public ::testing::TestWithParam<Translation> {};

TEST_P(KnownTranslation, IsFoundBothWays) {
  constexpr double kTolerancePx = 0.1;  // at every pixel; what the carry needs to stay sharp
  const auto [method, dx, dy] = GetParam();
  FlowEstimator estimator({.method = method});
  const FlowPair flow = estimator.compute(wave_texture(180, 240, 0, 0), wave_texture(180, 240, dx, dy));
  EXPECT_LT(error_px(flow.prev_from_cur, -dx, -dy).max().item<double>(), kTolerancePx);
  EXPECT_LT(error_px(flow.cur_from_prev, dx, dy).max().item<double>(), kTolerancePx);
}

INSTANTIATE_TEST_SUITE_P(
    Translations, KnownTranslation,
    ::testing::Values(Translation{Method::dis, 0, 0}, Translation{Method::dis, 0.25, 0},
                      Translation{Method::dis, 0.5, -0.3}, Translation{Method::dis, -1.7, 2.6},
                      Translation{Method::dis, 5.4, -3.2}, Translation{Method::dis, 12.3, 7.7},
                      Translation{Method::farneback, 0.5, -0.3}, Translation{Method::farneback, -1.7, 2.6},
                      Translation{Method::best, 0, 0}, Translation{Method::best, 0.25, 0},
                      Translation{Method::best, -1.7, 2.6}, Translation{Method::best, 12.3, 7.7}));

TEST(FlowEstimator, FasterPresetsFindWholePixels) {
  for (const Quality quality : {Quality::ultrafast, Quality::fast}) {
    FlowEstimator estimator({.quality = quality});
    const FlowPair flow = estimator.compute(wave_texture(180, 240, 0, 0), wave_texture(180, 240, 3, -2));
    EXPECT_LT(error_px(flow.prev_from_cur, -3, 2).mean().item<double>(), 0.3);
  }
}

TEST(FlowEstimator, EverySizeWorksAndTinyFramesStandStill) {
  for (const Method method : {Method::dis, Method::farneback, Method::best}) {
    for (const Quality quality : {Quality::ultrafast, Quality::medium}) {
      FlowEstimator estimator({method, quality});
      for (const auto& [height, width] : {std::pair{1, 1},
                                          {1, 300},
                                          {15, 15},
                                          {16, 16},
                                          {17, 16},
                                          {16, 301},
                                          {301, 16},
                                          {31, 33},
                                          {63, 47},
                                          {64, 64},
                                          {101, 19}}) {
        const FlowPair flow =
            estimator.compute(wave_texture(height, width, 0, 0), wave_texture(height, width, 1, 0));
        ASSERT_EQ(flow.prev_from_cur.sizes(), (at::IntArrayRef{2, height, width}));
        ASSERT_EQ(flow.cur_from_prev.sizes(), (at::IntArrayRef{2, height, width}));
        EXPECT_TRUE(at::isfinite(flow.prev_from_cur).all().item<bool>());
        EXPECT_EQ(reliability(flow).sizes(), (at::IntArrayRef{1, height, width}));
        if (std::min(height, width) < kSmallestSide) {
          EXPECT_EQ(flow.prev_from_cur.abs().max().item<float>(), 0);
        }
      }
    }
  }
}

// The mean error of the pixels that both frames show: away from the edges of things, and near them.
struct Errors {
  double inside, edges;
};
Errors errors_on(const test::LayeredScene& scene, Method method) {
  FlowEstimator estimator({.method = method});
  const test::Truth truth = scene.truth();
  const FlowPair flow = estimator.compute(scene.picture(0), scene.picture(1));
  const at::Tensor error = (flow.prev_from_cur - truth.prev_from_cur).square().sum(0).sqrt();
  const auto mean = [&](const at::Tensor& where) {
    return error.masked_select(truth.visible.logical_and(where)).mean().item<double>();
  };
  return {mean(truth.near_edge.logical_not()), mean(truth.near_edge)};
}

TEST(FlowEstimator, TheBestIsCloserThanTheDefaultAmongThingsThatHideEachOther) {
  for (const auto& kind : test::kSceneKinds) {
    const auto scene = test::moving_layers(kind, {180, 320}, 5);
    const Errors usual = errors_on(scene, Method::dis), best = errors_on(scene, Method::best);
    std::printf("%-6s error in px, inside and at edges: dis %.3f %.3f, best %.3f %.3f\n", kind.name,
                usual.inside, usual.edges, best.inside, best.edges);
    EXPECT_LT(best.inside + best.edges, usual.inside + usual.edges) << kind.name;
    EXPECT_LT(best.edges, usual.edges) << kind.name;
  }
}

TEST(FlowEstimator, ForgetsWhatItComputedBefore) {
  const at::Tensor a = wave_texture(90, 120, 0, 0), b = wave_texture(90, 120, 2.2, -1.4);
  FlowEstimator fresh({}), used({});
  used.compute(wave_texture(40, 50, 0, 0), wave_texture(40, 50, 5, 5));
  used.compute(b, a);
  const FlowPair expected = fresh.compute(a, b), flow = used.compute(a, b);
  EXPECT_TRUE(at::equal(flow.prev_from_cur, expected.prev_from_cur));
  EXPECT_TRUE(at::equal(flow.cur_from_prev, expected.cur_from_prev));
}

TEST(FlowEstimator, MethodNoneIsZeroFlow) {
  FlowEstimator estimator({.method = Method::none});
  const FlowPair flow = estimator.compute(wave_texture(40, 50, 0, 0), wave_texture(40, 50, 5, 5));
  EXPECT_TRUE(at::equal(flow.prev_from_cur, at::zeros({2, 40, 50})));
  EXPECT_TRUE(at::equal(flow.cur_from_prev, at::zeros({2, 40, 50})));
}

TEST(FlowEstimator, RefusesFramesOfDifferentSizes) {
  FlowEstimator estimator({});
  EXPECT_THROW(estimator.compute(at::zeros({3, 40, 50}), at::zeros({3, 50, 40})), std::invalid_argument);
  EXPECT_THROW(estimator.compute(at::zeros({1, 40, 50}), at::zeros({1, 40, 50})), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::flow
