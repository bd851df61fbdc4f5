#include "steady_matte.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/scenes.h"

namespace dreamreel::masking {
namespace {

constexpr std::int64_t kHeight = 96, kWidth = 128;
constexpr double kPictureSpeed = 1.5;  // px per frame to the right

at::Tensor picture(std::int64_t number, std::uint64_t scene = 1) {
  return test::wave_texture(kHeight, kWidth, kPictureSpeed * static_cast<double>(number), 0, scene);
}

// A soft disc that moves with the picture. Its levels are from 0.2 to 0.8, so that flicker has room on both
// sides.
at::Tensor truth(std::int64_t number) {
  const auto y = at::arange(kHeight).view({1, kHeight, 1}) - 48.0;
  const auto x = at::arange(kWidth).view({1, 1, kWidth}) - (40 + kPictureSpeed * static_cast<double>(number));
  return (((24 - (y.square() + x.square()).sqrt()) / 8 + 0.5).clamp(0, 1) * 0.6 + 0.2).to(at::kFloat);
}

// A network's flickering map: the disc is too strong in every second frame, and too weak in the others.
at::Tensor flickering(std::int64_t number) {
  return truth(number) + (number % 2 == 0 ? 0.15 : -0.15);
}

void add(SteadyMatte& steady, std::int64_t begin, std::int64_t end) {
  for (auto number = begin; number < end; ++number) steady.add(picture(number), flickering(number));
}

double error_of(const at::Tensor& matte, std::int64_t number) {
  return (matte - truth(number))
      .narrow(2, 16, 96)
      .abs()
      .mean()
      .item<double>();  // without the part that comes in at the side
}

TEST(SteadyMatte, HoldsStillWhatFlickersAndDoesNotLag) {
  SteadyMatte steady;
  add(steady, 0, 12);
  EXPECT_LT(error_of(steady.matte(), 11), 0.4 * error_of(flickering(11), 11));
  // A matte that lags behind would be nearer to the earlier disc.
  EXPECT_LT(error_of(steady.matte(), 11), 0.8 * error_of(steady.matte(), 8));
}

TEST(SteadyMatte, DependsOnTheFramesBeforeItAlone) {
  SteadyMatte from_the_start, from_later, from_too_late;
  add(from_the_start, 0, 14);
  const auto first = 13 - SteadyMatte::kFramesBefore;
  add(from_later, 0, 2);
  from_later.begin();
  add(from_later, first, 14);
  EXPECT_TRUE(at::equal(from_the_start.matte(), from_later.matte()));
  add(from_too_late, first + 1, 14);
  EXPECT_FALSE(at::equal(from_the_start.matte(), from_too_late.matte()));
}

TEST(SteadyMatte, BeginsAnewAtACut) {
  SteadyMatte steady;
  add(steady, 0, 5);
  const at::Tensor nobody = at::zeros({1, kHeight, kWidth});
  steady.add(picture(5, /*scene=*/2), nobody);
  EXPECT_TRUE(at::equal(steady.matte(), nobody));
}

TEST(SteadyMatte, OfOneFrameIsItsMap) {
  SteadyMatte steady;
  add(steady, 3, 4);
  EXPECT_TRUE(at::equal(steady.matte(), flickering(3)));
}

}  // namespace
}  // namespace dreamreel::masking
