#include "colouring.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/image/colour.h"
#include "dreamreel/image/frame.h"

namespace dreamreel::render {
namespace {

at::Tensor green() {
  return (image::noise_frame(30, 40, {}, Purpose::start_noise, 0.05) +
          at::tensor({-0.1, 0.1, -0.1}).view({3, 1, 1}))
      .to(at::kFloat);
}
at::Tensor loud() {
  return image::noise_frame(30, 40, {1, 0, 0, 0}, Purpose::start_noise, 0.2);
}

TEST(Coloured, DoesNothingWhereNothingIsAsked) {
  const at::Tensor picture = loud();
  EXPECT_TRUE(coloured(picture, green(), {}, {}, {}).is_same(picture));
}

TEST(Coloured, MatchTakesTheSourcesPalette) {
  job::Colour colour;
  colour.match = job::Colour::Match::source;
  const auto wanted = image::lab_statistics(green());
  const auto found = image::lab_statistics(coloured(loud(), green(), {}, colour, {}));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found.mean[i], wanted.mean[i], 0.3);
  EXPECT_TRUE(coloured(loud(), at::Tensor(), {}, colour, {}).equal(loud()));  // noise has no source
}

TEST(Coloured, MatchTakesThePaletteOfTheFirstFrame) {
  job::Colour colour;
  colour.match = job::Colour::Match::first;
  const Palette first = image::lab_statistics(green());
  const auto found = image::lab_statistics(coloured(loud(), {}, first, colour, {}));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found.mean[i], first->mean[i], 0.3);
  EXPECT_TRUE(coloured(loud(), {}, {}, colour, {}).equal(loud()));  // this frame is the first
}

TEST(Palette, ComesBackFromItsTextExactly) {
  const Palette palette = image::lab_statistics(loud());
  const Palette back = palette_from(to_text(palette));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->mean, palette->mean);
  EXPECT_EQ(back->covariance, palette->covariance);
  EXPECT_EQ(to_text({}), "");
  for (const std::string text : {"", "1 2 3", "nan", "0x1p1 x"}) EXPECT_FALSE(palette_from(text)) << text;
}

// A few pixels of the noise leave the gamut and are clamped.
constexpr double kGamutTolerance = 1.5;

TEST(Coloured, ChromaOfTheSourceLeavesTheDreamItsLightness) {
  job::Colour colour;
  colour.chroma = job::Colour::Chroma::source;
  const at::Tensor dream = (loud() - 0.5) * 0.3 + 0.5;
  const at::Tensor lab = image::lab_from_rgb(coloured(dream, green(), {}, colour, {}));
  EXPECT_LT((lab[0] - image::lab_from_rgb(dream)[0]).abs().max().item<double>(), kGamutTolerance);
  EXPECT_LT((lab[1] - image::lab_from_rgb(green())[1]).abs().max().item<double>(), kGamutTolerance);
}

TEST(Coloured, LimitsFollowTheirCurves) {
  job::Colour colour;
  colour.contrast_limit = curve::Curve(curve::Expression("5+5*t"));
  const auto contrast = [&](double seconds) {
    return std::sqrt(image::lab_statistics(coloured(loud(), {}, {}, colour, {seconds, 24})).covariance[0][0]);
  };
  EXPECT_NEAR(contrast(0), 5, 0.3);
  EXPECT_NEAR(contrast(1), 10, 0.5);
}

}  // namespace
}  // namespace dreamreel::render
