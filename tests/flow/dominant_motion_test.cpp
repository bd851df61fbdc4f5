#include "dreamreel/flow/dominant_motion.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace dreamreel::flow {
namespace {

constexpr std::int64_t kFlowHeight = 60, kFlowWidth = 100;

// A pan, a zoom and a turn.
at::Tensor camera() {
  const at::Tensor x = at::arange(kFlowWidth, at::kFloat).unsqueeze(0) - 50;
  const at::Tensor y = at::arange(kFlowHeight, at::kFloat).unsqueeze(1) - 30;
  return at::stack({x * 0.03 - y * 0.02 + 1.5, x * 0.02 + y * 0.03 - 0.5});
}

TEST(DominantMotion, IsThatOfTheCamera) {
  EXPECT_LT((dominant_motion(camera()) - camera()).abs().max().item<double>(), 0.01);
}

TEST(DominantMotion, IsNotPulledAlongByThingsThatMoveByThemselves) {
  at::Tensor flow = camera();
  flow.narrow(1, 10, 40).narrow(2, 5, 50).add_(6);  // a third of the frame
  EXPECT_LT((dominant_motion(flow) - camera()).abs().max().item<double>(), 0.1);
}

TEST(DominantMotion, OfStillAndOfTinyFramesIsNone) {
  EXPECT_EQ(dominant_motion(at::zeros({2, kFlowHeight, kFlowWidth})).abs().max().item<float>(), 0);
  const at::Tensor tiny = at::full({2, 1, 1}, 2.0F);
  EXPECT_NEAR(dominant_motion(tiny).max().item<double>(), 2, 1e-3);
}

}  // namespace
}  // namespace dreamreel::flow
