// Compares a gradient in tiles with the same gradient in one go.
#include "tiles.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/dream/targets.h"
#include "network_gradients.h"
#include "support/bf16.h"
#include "support/onnx_model.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

// Relative to the largest number: sums in another order, and a ReLU whose input is 0 within rounding.
constexpr double kTolerance = 1e-4;
constexpr std::int64_t kHeight = 203, kWidth = 298;  // odd, so that nothing divides evenly

double worst(const at::Tensor& found, const at::Tensor& expected) {
  return (found - expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

class Tiles : public testing::Test {
 protected:
  // With 0.5 of the whole picture's memory exact tiles fit; with 0.1, only tiles by sums.
  Tilings tilings(const std::vector<Objective>& objectives, double share, std::int64_t slack = 0) const {
    const auto whole = network_.pass_bytes(kHeight, kWidth);
    const PassLimit limit{static_cast<std::int64_t>(static_cast<double>(whole) * share)};
    return plan_tiles(network_, objectives, kHeight, kWidth, limit, slack);
  }

  void expect_same(const std::vector<Objective>& objectives) const {
    const auto expected = evaluate(network_, picture_, objectives);
    for (const double share : {0.5, 0.1}) {
      const auto tiles = tilings(objectives, share);
      ASSERT_FALSE(tiles[0].is_whole());
      EXPECT_EQ(tiles[0].is_exact, share == 0.5);
      const auto found = evaluate(network_, picture_, objectives, tiles);
      EXPECT_NEAR(found.value, expected.value, kTolerance * std::abs(expected.value));
      EXPECT_LT(worst(found.gradient / found.scale, expected.gradient / expected.scale), kTolerance);
    }
  }

  // A channel in which a neuron is active.
  std::int64_t brightest_channel() const {
    const at::NoGradGuard no_grad;
    return network_.forward(picture_)[1].mean({0, 2, 3}).argmax().item<std::int64_t>();
  }

  static at::Tensor left_half() {
    at::Tensor mask = at::zeros({1, kHeight, kWidth});
    mask.narrow(2, 0, kWidth / 2 + 3).fill_(1);
    return mask;
  }

  const network::Network network_ = tiny_network({"relu1", "mixed1", "relu3"});
  const at::Tensor picture_ = noise_picture(kHeight, kWidth).unsqueeze(0);
};

TEST_F(Tiles, EnergyOfSeveralLayersIsThatOfTheWholePicture) {
  expect_same({{0, 0.3}, {1, 1.0}, {2, 1.5}});
}

TEST_F(Tiles, EveryKindOfObjectiveIsThatOfTheWholePicture) {
  const at::Tensor other = noise_picture(96, 80).flip(1);
  for (const auto kind : {Kind::mean, Kind::channels, Kind::neuron, Kind::logit, Kind::guide, Kind::style,
                          Kind::content, Kind::direction, Kind::diversity}) {
    SCOPED_TRACE(static_cast<int>(kind));
    Objective objective{1, 1.0, 0, kind, {brightest_channel(), 5}};
    objective.at_x = 0.61;
    objective.at_y = 0.37;
    if (kind == Kind::guide) objective.target = guide_target(network_, 1, {other}, Match::best);
    if (kind == Kind::style) objective.target = style_target(network_, 1, {other});
    if (kind == Kind::content)
      objective.target = content_target(network_, 1, noise_picture(kHeight, kWidth).flip(1));
    if (kind == Kind::direction) {
      objective.target = direction_target(network_, 1, std::vector<double>(16, 0.5));
      objective.selectivity = 2;
    }
    expect_same({objective});
    objective.mask = left_half();
    objective.at_x = 0.2;
    expect_same({objective, {2, 0.5}});
  }
}

TEST_F(Tiles, AContentTargetIsPutTogetherOfTiles) {
  const auto tiles = tilings({{1, 1.0}}, 0.1);
  const at::Tensor picture = noise_picture(kHeight, kWidth);
  const at::Tensor found = activation_of(network_, 1, picture, tiles[0]);
  EXPECT_LT(worst(found, content_target(network_, 1, picture)), kTolerance);
}

TEST_F(Tiles, AMovedBorderChangesNothing) {
  const std::vector<Objective> objectives{{1, 1.0}, {2, 1.0}};
  const auto tiles = tilings(objectives, 0.15, 16);
  ASSERT_FALSE(tiles[0].is_whole() || tiles[0].is_exact);
  const auto expected = evaluate(network_, picture_, objectives).gradient;
  for (const std::int64_t by : {-16, 5, 16})
    EXPECT_LT(worst(evaluate(network_, picture_, objectives, {moved(tiles[0], by, -by)}).gradient, expected),
              kTolerance);
}

TEST_F(Tiles, WindowsThatAreTooShortShow) {
  const std::vector<Objective> objectives{{1, 1.0}, {2, 1.0}};
  const auto expected = evaluate(network_, picture_, objectives).gradient;
  for (const double share : {0.5, 0.1}) {
    auto tiles = tilings(objectives, share);
    tiles[0].columns = spans(kWidth, 5, 3, 8, network_.min_input_side());
    EXPECT_GT(worst(evaluate(network_, picture_, objectives, tiles).gradient, expected), 10 * kTolerance);
  }
}

TEST_F(Tiles, TheSameBitsEveryTime) {
  const std::vector<Objective> objectives{{1, 1.0}, {2, 1.0}};
  for (const double share : {0.5, 0.1}) {
    const auto first = evaluate(network_, picture_, objectives, tilings(objectives, share));
    const auto second = evaluate(network_, picture_, objectives, tilings(objectives, share));
    EXPECT_TRUE(at::equal(first.gradient, second.gradient));
    EXPECT_EQ(first.value, second.value);
  }
}

// In bf16 every change in the order of a sum shows. A kernel chosen by the map's size may change a few
// pixels.
TEST_F(Tiles, ExactOnesRoundAsTheWholePictureDoes) {
  DREAMREEL_NEEDS_BF16("how tiles round in bf16");
  const auto network = tiny_network({"mixed1", "relu3"}, network::Precision::bf16);
  const std::vector<Objective> objectives{{0, 1.0}, {1, 1.5}};
  const auto expected = evaluate(network, picture_, objectives).gradient;
  const auto changed = [&](double share) {
    const auto bytes = static_cast<double>(network.pass_bytes(kHeight, kWidth)) * share;
    const auto tiles =
        plan_tiles(network, objectives, kHeight, kWidth, {static_cast<std::int64_t>(bytes)}, 0);
    EXPECT_FALSE(tiles[0].is_whole());
    return evaluate(network, picture_, objectives, tiles)
        .gradient.ne(expected)
        .to(at::kFloat)
        .mean()
        .item<double>();
  };
  EXPECT_LT(changed(0.5), 0.01);
  EXPECT_GT(changed(0.1), 0.01);  // by sums
}

// The network's convolutions are computed several positions at once, so their rounding depends on
// neighbouring positions.
TEST_F(Tiles, WideConvolutionsRoundAsInTheWholePicture) {
  const test::ScratchDir folder;
  test::OnnxModel model;
  model.conv("a", "picture", 3, 32, 3, 2, 1);
  model.node("Relu", "a_relu", {"a"});
  model.conv("b", "a_relu", 32, 48, 5, 1, 2);
  model.node("Relu", "b_relu", {"b"});
  model.conv("c", "b_relu", 48, 32, 3, 1, 1);
  model.output("c");
  for (const auto precision : {network::Precision::fp32, network::Precision::bf16}) {
    if (precision == network::Precision::bf16) {
      DREAMREEL_NEEDS_BF16("how tiles round in bf16");
    }
    network::LoadOptions load;
    load.path = model.write(folder / "wide.onnx");
    load.layers = {"c"};
    load.precision = precision;
    const auto network = network::Network::load(load);
    const std::vector<Objective> objectives{{0, 1.0}};
    const auto expected = evaluate(network, picture_, objectives).gradient;
    const auto bytes = network.pass_bytes(kHeight, kWidth) * 9 / 10;
    const auto tiles = plan_tiles(network, objectives, kHeight, kWidth, {bytes}, 0);
    ASSERT_TRUE(tiles[0].is_exact);
    ASSERT_EQ(tiles[0].columns.size() * tiles[0].rows.size(), 2);
    const auto found = evaluate(network, picture_, objectives, tiles).gradient;
    EXPECT_LT(found.ne(expected).to(at::kFloat).mean().item<double>(), 0.01) << network::name_of(precision);
  }
}

TEST_F(Tiles, NoPassTakesMoreThanItMay) {
  const std::vector<Objective> objectives{{2, 1.0}};
  const auto whole = network_.pass_bytes(kHeight, kWidth, {false, false, true});
  for (const double share : {0.9, 0.5, 0.1}) {
    const auto limit = static_cast<std::int64_t>(static_cast<double>(whole) * share);
    const auto tiling = plan_tiles(network_, objectives, kHeight, kWidth, {limit}, 0)[0];
    EXPECT_LE(network_.pass_bytes(tiling.rows[0].size(), tiling.columns[0].size(), {false, false, true}),
              limit);
  }
  EXPECT_TRUE(plan_tiles(network_, objectives, kHeight, kWidth, {whole}, 0)[0].is_whole());
}

TEST_F(Tiles, SaysWhatTheSmallestTileTakes) {
  const std::vector<Objective> objectives{{2, 1.0}};
  try {
    plan_tiles(network_, objectives, kHeight, kWidth, {1000}, 0);
    FAIL() << "expected TooLittleMemory";
  } catch (const TooLittleMemory& error) {
    EXPECT_TRUE(error.has_tiles);
    EXPECT_NO_THROW(plan_tiles(network_, objectives, kHeight, kWidth, {error.needed_bytes}, 0));
    EXPECT_THROW(plan_tiles(network_, objectives, kHeight, kWidth, {error.needed_bytes - 1}, 0),
                 TooLittleMemory);
  }
}

TEST(TileSpans, CoversAnAxisOnceWithWindowsThatReachFarEnough) {
  for (const std::int64_t length : {200, 641, 3840})
    for (const std::int64_t count : {2, 3, 7}) {
      constexpr std::int64_t kReach = 20, kStride = 16;
      const auto all = spans(length, count, kReach, kStride, 32);
      if (all.empty()) continue;
      EXPECT_EQ(all.front().begin, 0);
      EXPECT_EQ(all.back().end, length);
      for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].begin % kStride, 0);
        EXPECT_EQ((length - all[i].size()) % kStride, 0);
        EXPECT_EQ(all[i].size(), all[0].size());
        if (i == 0) continue;
        EXPECT_EQ(all[i].core_begin, all[i - 1].core_end);
        EXPECT_GE(all[i].core_begin - static_cast<double>(all[i].begin), kReach);
        EXPECT_GE(static_cast<double>(all[i - 1].end) - all[i].core_begin, kReach);
      }
    }
  EXPECT_FALSE(spans(3840, 7, 20, 16, 32).empty());
  EXPECT_TRUE(spans(60, 2, 40, 16, 32).empty());  // the windows would be nothing but halo
}

TEST(AscentInTiles, IsTheAscentWithoutThem) {
  const auto network = tiny_network({"mixed1", "relu3"});
  const at::Tensor start = noise_picture(240, 328);
  AscentOptions options;
  options.objectives = {{0, 1.0}, {1, 0.5}};
  options.octaves = 2;
  options.iterations = 3;
  options.balance = true;
  for (const int jitter : {6, 0}) {
    options.jitter = jitter;
    options.limit = {};
    const auto whole = ascend(network, start, options, {3, 11, 0, 0});
    options.limit = {network.pass_bytes(240, 328) / (jitter == 0 ? 5 : 2)};
    const auto report = tiles_for(network, options, 240, 328);
    EXPECT_GT(report.count, 1);
    EXPECT_EQ(report.is_exact, jitter > 0);
    EXPECT_LE(report.pass_bytes, options.limit.bytes);
    const auto tiled = ascend(network, start, options, {3, 11, 0, 0});
    EXPECT_LT((tiled.picture - whole.picture).abs().max().item<double>(), 2e-3);
    EXPECT_NEAR(tiled.objective, whole.objective, 1e-3 * std::abs(whole.objective));
    EXPECT_TRUE(at::equal(tiled.picture, ascend(network, start, options, {3, 11, 0, 0}).picture));
  }
}

}  // namespace
}  // namespace dreamreel::dream
