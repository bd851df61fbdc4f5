#include "dreamreel/flow/distant.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "picture_with_square.h"
#include "support/scenes.h"

namespace dreamreel::flow {
namespace {

using test::wave_texture;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The picture has moved by 37.3 px since, and a square stands in it now. Close beside the square an estimate
// is mixed with the motion of that.
TEST(DistantFlow, IsRightUpToWhatStandsInTheWay) {
  const at::Tensor before = luma_levels(with_square(wave_texture(kPictureHeight, kPictureWidth, 0, 0), 20));
  const at::Tensor now =
      luma_levels(with_square(wave_texture(kPictureHeight, kPictureWidth, 37.3, 0), kSquareLeft));
  FlowEstimator estimator({});
  const PlaceWindow window{20, 60, 150, 170};
  const auto found = distant_flow(estimator, before, now, window, {-37, 0});
  EXPECT_EQ(found.window, window);
  const auto beside = [&](const at::Tensor& map) {  // right of the square, from 3 px on
    return map.narrow(1, kSquareTop - window.top, kSquareSide)
        .narrow(2, kSquareLeft + kSquareSide + 3 - window.left, 30);
  };
  EXPECT_GT(beside(found.trust).mean().item<double>(), 0.97);
  EXPECT_LT((beside(found.prev_from_cur)[0] + 37.3).abs().mean().item<double>(), 0.2);
  EXPECT_LT(beside(found.prev_from_cur)[1].abs().mean().item<double>(), 0.2);
  const at::Tensor on_square = found.trust.narrow(1, kSquareTop + 6 - window.top, kSquareSide - 12)
                                   .narrow(2, kSquareLeft + 6 - window.left, kSquareSide - 12);
  EXPECT_LT(on_square.mean().item<double>(), 0.25) << "what looks different is not found again";
}

TEST(DistantFlow, EndsAtTheFramesEdge) {
  const at::Tensor picture = luma_levels(wave_texture(kPictureHeight, kPictureWidth, 0, 0));
  FlowEstimator estimator({});
  EXPECT_EQ(distant_flow(estimator, picture, picture, {0, 0, 40, 100}, {-30, 0}).window,
            (PlaceWindow{0, 30, 40, 70}));
  EXPECT_EQ(distant_flow(estimator, picture, picture, {0, 200, 40, 100}, {90, 0}).window.area(), 0);
}

TEST(WindowsAround, HoldAllPlacesAndDoNotOverlap) {
  at::Tensor map = at::zeros({1, 320, 320});
  EXPECT_THAT(windows_around(map, 0), IsEmpty());
  map[0][100][100] = 1;
  EXPECT_THAT(windows_around(map, 0), IsEmpty()) << "a speck";
  map.narrow(1, 100, 5).narrow(2, 100, 5).fill_(1);
  map.narrow(1, 290, 30).narrow(2, 250, 20).fill_(1);
  EXPECT_THAT(windows_around(map, 0),
              UnorderedElementsAre(PlaceWindow{96, 96, 32, 32}, PlaceWindow{288, 224, 32, 32},
                                   PlaceWindow{288, 256, 32, 32}));
  EXPECT_THAT(windows_around(map, 16),
              UnorderedElementsAre(PlaceWindow{80, 80, 64, 64}, PlaceWindow{272, 208, 48, 96}));
  map.narrow(1, 100, 5).narrow(2, 140, 5).fill_(1);
  EXPECT_THAT(windows_around(map, 16),
              UnorderedElementsAre(PlaceWindow{80, 80, 64, 96}, PlaceWindow{272, 208, 48, 96}));
  map.fill_(1);
  EXPECT_THAT(windows_around(map, 16), UnorderedElementsAre(PlaceWindow{0, 0, 320, 320}));
}

}  // namespace
}  // namespace dreamreel::flow
