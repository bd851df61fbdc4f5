// Networks for one size only, on pictures of other sizes.
#include "windows.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/dream/targets.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

constexpr std::int64_t kSide = 64;
constexpr network::PictureSize kSeen{kSide, kSide};

// The tiny network accepts pictures of any size. Here it is loaded as a network for squares of one size.
network::Network of_one_size(std::vector<std::string> layers) {
  return tiny_network(std::move(layers), network::Precision::fp32, kSide);
}

at::Tensor sum_of_shares(const std::vector<Span>& spans, std::int64_t length) {
  at::Tensor sum = at::zeros({length});
  const auto shares = shares_of(spans, length);
  for (std::size_t i = 0; i < spans.size(); ++i)
    sum.narrow(0, spans[i].begin, spans[i].size()).add_(shares[i]);
  return sum;
}

TEST(PlaceWindows, EveryPixelIsSeenOnceWhereverTheyAreMoved) {
  for (const std::int64_t length : {64, 65, 100, 128, 301}) {
    for (const double offset : {0.0, 0.3, 0.999}) {
      const auto tiling = place_windows(kSeen, length, 64, offset, offset);
      EXPECT_EQ(tiling.columns.size(), 1U);
      EXPECT_EQ(tiling.rows.front().begin, 0);
      EXPECT_EQ(tiling.rows.back().end, length);
      for (const auto& span : tiling.rows) EXPECT_EQ(span.size(), kSide);
      EXPECT_LT((sum_of_shares(tiling.rows, length) - 1).abs().max().item<double>(), 1e-6) << length;
    }
  }
}

TEST(PlaceWindows, BordersFadeAndAreElsewhereWithAnotherOffset) {
  constexpr std::int64_t kLength = 300;
  const auto first = place_windows(kSeen, kLength, kLength, 0, 0),
             second = place_windows(kSeen, kLength, kLength, 0.5, 0);
  EXPECT_NE(first.rows[1].begin, second.rows[1].begin);
  EXPECT_EQ(first.columns[1].begin, second.columns[1].begin);
  const auto shares = shares_of(first.rows, kLength);
  const auto steps = (shares[1].slice(0, 1) - shares[1].slice(0, 0, kSide - 1)).abs();
  EXPECT_LT(steps.max().item<double>(), 0.15) << "no pixel's neighbour is another window's alone";
  EXPECT_LT(shares[1][0].item<double>(), 0.1);
}

TEST(PlaceWindows, ASmallPictureIsSeenEnlargedAsAWhole) {
  const auto tiling = place_windows({224, 112}, 90, 160, 0.7, 0.2);
  EXPECT_EQ(tiling.rows.size(), 1U);
  EXPECT_EQ(tiling.rows[0].size(), 90);
  for (const auto& span : tiling.columns) EXPECT_EQ(span.size(), 45) << "in the shape that the network has";
}

class Windows : public testing::Test {
 protected:
  Gradient gradient(const std::vector<Objective>& objectives, const at::Tensor& picture) const {
    return evaluate(network_, picture.unsqueeze(0), objectives);
  }
  const network::Network network_ = of_one_size({"relu1", "mixed1", "relu3"});
  const network::Network any_ = tiny_network({"relu1", "mixed1", "relu3"});
};

TEST_F(Windows, APictureOfTheOneSizeIsSeenAsByAnyNetwork) {
  const auto picture = noise_picture(kSide, kSide);
  const std::vector<Objective> objectives{{0, 0.3}, {1, 1.0}, {2, 1.5}};
  const auto found = gradient(objectives, picture),
             expected = evaluate(any_, picture.unsqueeze(0), objectives);
  EXPECT_NEAR(found.value, expected.value, 1e-5 * std::abs(expected.value));
  EXPECT_TRUE(at::allclose(found.gradient / found.scale, expected.gradient / expected.scale, 1e-4, 1e-9));
}

TEST_F(Windows, WithinAWindowTheGradientIsThatOfItsOwnPicture) {
  const auto picture = noise_picture(kSide, 3 * kSide);
  const auto found = gradient({{1, 1.0}}, picture);
  const auto left = evaluate(any_, picture.narrow(2, 0, kSide).unsqueeze(0).contiguous(), {{1, 1.0}});
  const auto half = kSide / 2;  // the next window begins after it
  EXPECT_TRUE(at::allclose((found.gradient / found.scale).narrow(3, 0, half),
                           (left.gradient / left.scale).narrow(3, 0, half), 1e-4, 1e-9));
}

TEST_F(Windows, NothingIsAskedWhereTheMaskIsEmpty) {
  Objective objective{1, 1.0};
  objective.mask = at::zeros({1, 3 * kSide, 3 * kSide});
  objective.mask.narrow(1, 0, 20).narrow(2, 0, 20).fill_(1);
  const auto found = gradient({objective}, noise_picture(3 * kSide, 3 * kSide)).gradient;
  EXPECT_GT(found.narrow(2, 0, kSide).narrow(3, 0, kSide).abs().max().item<double>(), 0);
  EXPECT_EQ(found.narrow(2, kSide, 2 * kSide).abs().max().item<double>(), 0);
}

TEST_F(Windows, ANeuronIsAskedWhereItSits) {
  Objective objective{2, 1.0, 0, Kind::neuron};
  objective.at_x = 0.9;
  objective.at_y = 0.1;
  for (std::int64_t channel = 0; channel < 16; ++channel) {
    objective.channels = {channel};
    const auto found = gradient({objective}, noise_picture(4 * kSide, 4 * kSide)).gradient.abs()[0].sum(0);
    if (found.max().item<double>() == 0) continue;  // the channel is not active
    const auto place = found.argmax().item<std::int64_t>();
    const std::int64_t row = place / (4 * kSide), column = place % (4 * kSide);
    EXPECT_NEAR(static_cast<double>(row), 0.1 * 4 * kSide, 24);
    EXPECT_NEAR(static_cast<double>(column), 0.9 * 4 * kSide, 24);
    return;
  }
  FAIL() << "no channel fires";
}

TEST_F(Windows, EveryKindClimbs) {
  const auto start = noise_picture(100, 150), other = noise_picture(96, 80).flip(1);
  for (const auto kind : {Kind::energy, Kind::mean, Kind::channels, Kind::logit, Kind::guide, Kind::style,
                          Kind::content, Kind::direction, Kind::diversity}) {
    Objective objective{1, 1.0, 0, kind};
    objective.channels = {3};
    if (kind == Kind::guide) objective.target = guide_target(network_, 1, {other}, Match::best);
    if (kind == Kind::style) objective.target = style_target(network_, 1, {other});
    if (kind == Kind::direction) objective.target = direction_target(network_, 1, std::vector<double>(16, 1));
    if (kind == Kind::content) objective.picture = other;
    AscentOptions options;
    options.objectives = {objective};
    options.octaves = 1;
    options.iterations = 5;
    options.jitter = 4;
    std::vector<double> values;
    // A pale start picture is far from the style of a picture that is not pale.
    ascend(network_, kind == Kind::style ? 0.4 + 0.2 * start : start, options, {1, 2, 0, 0},
           [&](const StepReport& report) { values.push_back(report.objective); });
    EXPECT_GT(values.back(), values.front()) << static_cast<int>(kind);
  }
}

TEST_F(Windows, TheSameKeyGivesTheSameBitsAndAnotherOneOtherWindows) {
  const auto start = noise_picture(100, 150);
  AscentOptions options;
  options.objectives = {{1, 1.0}};
  options.octaves = 3;  // the coarsest is smaller than a window
  options.iterations = 2;
  options.jitter = 0;
  const auto dream = [&](std::int64_t frame) { return ascend(network_, start, options, {1, frame, 0, 0}); };
  const auto result = dream(2);
  EXPECT_EQ(result.octaves_dropped, 0);
  EXPECT_TRUE(at::equal(result.picture, dream(2).picture));
  EXPECT_FALSE(at::equal(result.picture, dream(3).picture));
}

TEST_F(Windows, TilesAreReportedAsWindowsThatTakeNoMoreForALargerPicture) {
  AscentOptions options;
  options.objectives = {{1, 1.0}};
  const auto small = tiles_for(network_, options, kSide, kSide),
             large = tiles_for(network_, options, 300, 500);
  EXPECT_TRUE(small.is_windows);
  EXPECT_EQ(small.count, 1);
  EXPECT_EQ(large.count, 6 * 9);
  EXPECT_EQ(large.width, kSide);
  EXPECT_EQ(large.pass_bytes, small.pass_bytes);
  options.limit.bytes = large.pass_bytes;
  EXPECT_EQ(tiles_for(network_, options, 300, 500).count, large.count);
  options.limit.bytes = large.pass_bytes - 1;
  EXPECT_THROW(tiles_for(network_, options, 300, 500), TooLittleMemory);
}

TEST_F(Windows, APictureMuchSmallerThanTheNetworksIsRefused) {
  AscentOptions options;
  options.objectives = {{1, 1.0}};
  options.octaves = 1;
  EXPECT_EQ(usable_octaves(network_, kSide / 8, 30, options), 1);
  EXPECT_EQ(usable_octaves(network_, kSide / 8 - 1, 30, options), 0);
}

// If all windows ended at the same places in each step, the dream would have seams there.
TEST_F(Windows, NoSeamsOfWindowsAreLeft) {
  const auto start =
      at::full({3, 3 * kSide, 3 * kSide}, 0.5F) + 0.05 * (noise_picture(3 * kSide, 3 * kSide) - 0.5);
  AscentOptions options;
  options.objectives = {{2, 1.0}};
  options.octaves = 1;
  options.iterations = 20;
  options.jitter = 0;
  const auto dreamed = ascend(network_, start, options, {1, 2, 0, 0}).picture;
  const auto jumps = (dreamed.slice(2, 1) - dreamed.slice(2, 0, -1)).abs().mean(0).mean(0);  // by column
  const auto inner = jumps.slice(0, 8, -8);
  EXPECT_LT(inner.max().item<double>(), 2.5 * inner.mean().item<double>());
}

}  // namespace
}  // namespace dreamreel::dream
