#include "dreamreel/image/guided_filter.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "dreamreel/image/pyramid.h"

namespace dreamreel::image {
namespace {

constexpr std::int64_t kHeight = 96, kWidth = 128;

// A disc of radius 30 px around the middle, with an edge of one pixel: (1,H,W).
at::Tensor disc() {
  const auto y = at::arange(kHeight).view({1, kHeight, 1}) - (kHeight - 1) / 2.0;
  const auto x = at::arange(kWidth).view({1, 1, kWidth}) - (kWidth - 1) / 2.0;
  return (30 - (y.square() + x.square()).sqrt() + 0.5).clamp(0, 1).to(at::kFloat);
}

// The disc in one colour before another colour, without noise.
at::Tensor picture_of(const at::Tensor& shape) {
  const auto inside = at::tensor({0.5F, 0.3F, 0.2F}).view({3, 1, 1});
  const auto outside = at::tensor({0.4F, 0.4F, 0.3F}).view({3, 1, 1});
  return outside + (inside - outside) * shape;
}

double mean_error(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().mean().item<double>();
}

TEST(GuidedFilter, BringsACoarseMapToThePicturesEdges) {
  const at::Tensor truth = disc(), picture = picture_of(truth);
  // A network's map has an eighth of the size, and is two pixels off.
  const at::Tensor coarse =
      resize(resize(at::roll(truth, {2}, {2}), Size{kHeight / 8, kWidth / 8}), Size{kHeight, kWidth});
  const at::Tensor followed = guided_filter(coarse, picture, {10, 1e-4});
  EXPECT_LT(mean_error(followed, truth), 0.8 * mean_error(coarse, truth));
  // The step must lie where the picture has it, within three pixels of the edge, and not be spread over the
  // map's positions.
  const auto step = [](const at::Tensor& map) {
    const auto row = map[0][kHeight / 2];
    return row[kWidth / 2 - 27].item<double>() - row[kWidth / 2 - 33].item<double>();
  };
  EXPECT_GT(step(followed), 0.65);
  EXPECT_LT(step(coarse), 0.5);
}

TEST(GuidedFilter, IsFittedAtTheMapsSizeAndAppliedAtThePictures) {
  const at::Tensor truth = disc(), picture = picture_of(truth);
  const at::Tensor half = resize(truth, Size{kHeight / 2, kWidth / 2});
  const at::Tensor followed = guided_filter(half, picture, {4, 1e-4});
  ASSERT_EQ(followed.sizes(), truth.sizes());
  EXPECT_LT(mean_error(followed, truth), 0.5 * mean_error(resize(half, Size{kHeight, kWidth}), truth));
}

TEST(GuidedFilter, OfAFlatPictureSmoothsAndKeepsALevelMap) {
  const at::Tensor grey = at::full({3, kHeight, kWidth}, 0.5F);
  constexpr double kTolerance = 1e-5;  // float32
  const at::Tensor level = at::full({1, kHeight, kWidth}, 0.7F);
  EXPECT_TRUE(at::allclose(guided_filter(level, grey, {8, 1e-4}), level, 0, kTolerance));
  const at::Tensor smoothed = guided_filter(disc(), grey, {8, 1e-4});
  EXPECT_LT(smoothed.max().item<double>(), 1 + kTolerance);
  EXPECT_GT(smoothed[0][kHeight / 2][kWidth / 2 - 33].item<double>(), 0.1) << "there is no edge to follow";
}

TEST(GuidedFilter, TakesPicturesSmallerThanItsWindows) {
  const at::Tensor followed = guided_filter(at::full({1, 1, 2}, 0.4F), at::rand({3, 3, 2}), {50, 1e-4});
  EXPECT_TRUE(at::allclose(followed, at::full({1, 3, 2}, 0.4F), 0, 1e-4));
}

TEST(GuidedFilter, RefusesWhatItCannotUse) {
  const at::Tensor picture = picture_of(disc());
  EXPECT_THROW(guided_filter(at::ones({1, kHeight + 1, kWidth}), picture, {}), std::invalid_argument);
  EXPECT_THROW(guided_filter(disc(), picture, {0, 1e-4}), std::invalid_argument);
  EXPECT_THROW(guided_filter(at::ones({2, 4, 4}), picture, {}), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::image
