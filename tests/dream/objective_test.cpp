#include "dreamreel/dream/objective.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "support/bf16.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

const std::vector<Objective> kTwoLayers{{0, 1.0}, {1, 2.5}};

TEST(Evaluate, TheGradientAgreesWithFiniteDifferences) {
  const auto network = tiny_network({"mixed1", "relu3"}, network::Precision::fp64);
  const at::Tensor picture = noise_picture(32, 40).unsqueeze(0).to(at::kDouble);
  const Gradient gradient = evaluate(network, picture, kTwoLayers);
  const at::Tensor flat = gradient.gradient.flatten() / gradient.scale;
  // The error of central differences is O(h^2) from the cubic term plus 1e-16/h from rounding, both far below
  // the tolerance.
  constexpr double kStep = 1e-6;
  constexpr double kRelative = 1e-5;
  const double largest = flat.abs().max().item<double>();
  for (std::int64_t i = 7; i < picture.numel(); i += 191) {
    at::Tensor above = picture.clone(), below = picture.clone();
    above.view(-1)[i] += kStep;
    below.view(-1)[i] -= kStep;
    const double slope =
        (evaluate(network, above, kTwoLayers).value - evaluate(network, below, kTwoLayers).value) /
        (2 * kStep);
    EXPECT_NEAR(flat[i].item<double>(), slope, kRelative * largest) << "at value " << i;
  }
}

TEST(Evaluate, IsHalfTheMeanSquareTimesTheWeight) {
  const auto network = tiny_network({"mixed1", "relu3"});
  const at::Tensor picture = noise_picture(32, 32).unsqueeze(0);
  const auto activations = network.forward(picture);
  const double expected = 0.5 * activations[0].square().mean().item<double>() +
                          2.5 * 0.5 * activations[1].square().mean().item<double>();
  EXPECT_NEAR(evaluate(network, picture, kTwoLayers).value, expected, 1e-5 * expected);
}

TEST(Evaluate, HalfPrecisionPointsTheSameWay) {
  DREAMREEL_NEEDS_BF16("gradients in bf16");
  const at::Tensor picture = noise_picture(48, 48).unsqueeze(0);
  const auto exact = evaluate(tiny_network({"mixed1", "relu3"}), picture, kTwoLayers).gradient.flatten();
  const auto half = evaluate(tiny_network({"mixed1", "relu3"}, network::Precision::bf16), picture, kTwoLayers)
                        .gradient.flatten();
  const double cosine = (exact.dot(half) / (exact.norm() * half.norm())).item<double>();
  // bf16 has 8 bits, which is a few per mille an operation. Sometimes another unit of a max pool or a ReLU
  // wins.
  EXPECT_GT(cosine, 0.98);
}

TEST(Evaluate, ZeroWeightGivesZeroGradient) {
  const auto network = tiny_network({"mixed1"});
  const Gradient gradient = evaluate(network, noise_picture(32, 32).unsqueeze(0), {{0, 0.0}});
  EXPECT_EQ(gradient.value, 0);
  EXPECT_EQ(gradient.gradient.abs().max().item<double>(), 0);
}

TEST(Evaluate, RefusesNoObjectiveAndWrongLayers) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor picture = noise_picture(32, 32).unsqueeze(0);
  EXPECT_THROW(evaluate(network, picture, {}), std::invalid_argument);
  EXPECT_THROW(evaluate(network, picture, {{1, 1.0}}), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::dream
