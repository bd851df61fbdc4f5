#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/flow/composed.h"
#include "dreamreel/image/resample.h"

namespace dreamreel::flow {
namespace {

constexpr std::int64_t kFrameHeight = 40, kFrameWidth = 56, kMargin = 8;

// The flow of a camera's step: every pixel's way, without anything to be estimated.
at::Tensor flow_of(const image::CameraStep& step) {
  const image::Size size{kFrameHeight, kFrameWidth};
  return image::positions(size, step, {}, at::kCPU) - image::positions(size, {}, {}, at::kCPU);
}

image::CameraStep zoom(double factor) {
  image::CameraStep step;
  step.zoom = factor;
  return step;
}

FlowPair zooming(double factor) {
  return {flow_of(zoom(factor)), flow_of(zoom(1 / factor))};
}

// A zoom is linear in the position, so that reading it bilinearly is exact, where it stays within the frame.
TEST(Composed, ZoomsMultiply) {
  const FlowPair both = composed(zooming(1.1), zooming(1.2)), whole = zooming(1.32);
  const auto difference = [](const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor all = (a - b).abs();
    return all.slice(1, kMargin, kFrameHeight - kMargin)
        .slice(2, kMargin, kFrameWidth - kMargin)
        .max()
        .item<double>();
  };
  EXPECT_LT(difference(both.prev_from_cur, whole.prev_from_cur), 1e-4);
  EXPECT_LT(difference(both.cur_from_prev, whole.cur_from_prev), 1e-4);
  EXPECT_GT(difference(zooming(1.2).prev_from_cur, whole.prev_from_cur), 0.5);
}

// Backward, a pixel goes the second way first; where it then is, only the first flow says how it moved.
TEST(Composed, ReadsTheFurtherFlowWhereTheNearerOneLeads) {
  FlowPair first{at::zeros({2, kFrameHeight, kFrameWidth}), at::zeros({2, kFrameHeight, kFrameWidth})};
  FlowPair second{at::zeros({2, kFrameHeight, kFrameWidth}), at::zeros({2, kFrameHeight, kFrameWidth})};
  second.prev_from_cur[0] = -10;
  second.cur_from_prev[0] = 10;
  first.prev_from_cur[1].slice(1, 0, 20) = 3;  // the left 20 columns
  first.cur_from_prev[0] = 5;
  second.cur_from_prev[1].slice(1, 25, kFrameWidth) = 2;
  const FlowPair both = composed(first, second);
  EXPECT_TRUE(both.prev_from_cur[0].eq(-10).all().item<bool>());
  EXPECT_NEAR(both.prev_from_cur[1].slice(1, 0, 29).min().item<double>(), 3, 1e-4);
  EXPECT_NEAR(both.prev_from_cur[1].slice(1, 31, kFrameWidth).max().item<double>(), 0, 1e-4);
  EXPECT_NEAR(both.cur_from_prev[0].min().item<double>(), 15, 1e-4);
  EXPECT_NEAR(both.cur_from_prev[1].slice(1, 0, 19).max().item<double>(), 0, 1e-4);
  EXPECT_NEAR(both.cur_from_prev[1].slice(1, 21, kFrameWidth).min().item<double>(), 2, 1e-4);
}

TEST(Composed, RefusesFlowsOfDifferentSizes) {
  const FlowPair small{at::zeros({2, 4, 4}), at::zeros({2, 4, 4})};
  EXPECT_THROW(composed(zooming(1), small), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::flow
