#include "balance.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dreamreel/dream/ascend.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

double pull(const network::Network& network, const at::Tensor& picture, const Objective& objective) {
  const Gradient gradient = evaluate(network, picture, {objective});
  return gradient.gradient.abs().mean().item<double>() / gradient.scale;
}

Objective on(std::size_t layer, double weight) {
  Objective objective;
  objective.layer = layer;
  objective.weight = weight;
  return objective;
}

class Balanced : public testing::Test {
 protected:
  const network::Network network_ = tiny_network({"conv1", "relu3", "mixed1"});
  const at::Tensor picture_ = noise_picture(48, 64).unsqueeze(0);
};

TEST_F(Balanced, EachTermPullsAsItsWeightSays) {
  // The layers' own gradients have to differ, or this test would show nothing.
  const double ratio = pull(network_, picture_, on(0, 1)) / pull(network_, picture_, on(1, 1));
  ASSERT_GT(std::abs(std::log(ratio)), 0.3);
  const auto weights = balanced_weights(network_, picture_, {on(0, 3), on(1, 1), on(2, -1)});
  const double first = pull(network_, picture_, on(0, weights[0]));
  constexpr double kRelative = 1e-4;  // float32 sums
  EXPECT_NEAR(pull(network_, picture_, on(1, weights[1])), first / 3, kRelative * first);
  EXPECT_NEAR(pull(network_, picture_, on(2, weights[2])), first / 3, kRelative * first);
  EXPECT_LT(weights[2], 0);
}

TEST_F(Balanced, LeavesALoneTermAndRestingOnesAsTheyAre) {
  EXPECT_EQ(balanced_weights(network_, picture_, {on(0, 0.7), on(1, 0)}), (std::vector{0.7, 0.0}));
  EXPECT_EQ(balanced_weights(network_, picture_, {on(0, 0.7), on(1, 0), on(2, 0.7)})[1], 0);
  const at::Tensor flat = at::zeros({1, 3, 48, 64});
  for (const double weight : balanced_weights(network_, flat, {on(0, 0.7), on(1, 0.7)}))
    EXPECT_TRUE(std::isfinite(weight));
}

// Content starts where it pulls nothing. The rounding that remains must not become a weight.
TEST_F(Balanced, RoundingIsNoPull) {
  auto content = on(2, 0.5);
  content.kind = Kind::content;
  content.target = network_.forward(picture_)[2].detach() * (1 + 1e-6);
  const auto alone = balanced_weights(network_, picture_, {on(0, 3), on(1, 1)});
  const auto beside = balanced_weights(network_, picture_, {on(0, 3), content, on(1, 1)});
  EXPECT_EQ(beside, (std::vector{alone[0], 0.5, alone[1]}));
}

// Only the pull where a term holds counts, so a small mask does not cause a large weight.
TEST_F(Balanced, AMaskDoesNotChangeTheWeightMuch) {
  auto masked = on(1, 1);
  masked.mask = at::zeros({1, 48, 64});
  masked.mask.narrow(2, 0, 16).fill_(1);
  const auto with = balanced_weights(network_, picture_, {on(0, 1), masked});
  const auto without = balanced_weights(network_, picture_, {on(0, 1), on(1, 1)});
  // Noise differs from place to place, and gradients reach slightly beyond the mask's edge.
  EXPECT_NEAR(with[1] / with[0], without[1] / without[0], 0.4 * without[1] / without[0]);
}

// A cross-fade needs this: half way, the picture is drawn to both layers equally. With plain weights, the
// layer with the larger gradients would win completely.
TEST_F(Balanced, HalfWayOfACrossfadeBothLayersGain) {
  const at::Tensor start = noise_picture(64, 64);
  const auto gain = [&](const AscentOptions& options, std::size_t layer) {
    const auto energy = [&](const at::Tensor& picture) {
      return evaluate(network_, picture.unsqueeze(0), {on(layer, 1)}).value;
    };
    return energy(ascend(network_, start, options, {1, 0, 0, 0}).picture) / energy(start);
  };
  AscentOptions options;
  options.octaves = 1;
  options.jitter = 2;
  options.objectives = {on(0, 1)};
  const double first_alone = gain(options, 0), second_by_first = gain(options, 1);
  options.objectives = {on(1, 1)};
  const double second_alone = gain(options, 1), first_by_second = gain(options, 0);
  options.objectives = {on(0, 0.5), on(1, 0.5)};
  options.balance = true;
  const double first = gain(options, 0), second = gain(options, 1);
  EXPECT_GT(first, first_by_second + 0.25 * (first_alone - first_by_second));
  EXPECT_GT(second, second_by_first + 0.25 * (second_alone - second_by_first));
}

// In the middle of a journey, the layers before and after have weight 0.
TEST_F(Balanced, ObjectivesAtRestChangeNothing) {
  const at::Tensor start = noise_picture(64, 64);
  AscentOptions options;
  options.octaves = 2;
  options.jitter = 2;
  options.balance = true;
  options.objectives = {on(1, 0.3), on(2, 0.7)};
  const at::Tensor alone = ascend(network_, start, options, {1, 0, 0, 0}).picture;
  options.objectives = {on(0, 0), on(1, 0.3), on(0, 0), on(2, 0.7), on(2, 0)};
  EXPECT_TRUE(at::equal(ascend(network_, start, options, {1, 0, 0, 0}).picture, alone));
}

}  // namespace
}  // namespace dreamreel::dream
