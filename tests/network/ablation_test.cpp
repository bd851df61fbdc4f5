#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "dreamreel/core/error.h"
#include "dreamreel/network/network.h"
#include "fused_skip.h"
#include "pictures.h"
#include "support/files.h"
#include "support/onnx_model.h"
#include "support/tiny_network.h"

namespace dreamreel::network {
namespace {

using testing::HasSubstr;

at::Tensor small_picture(at::ScalarType type = at::kFloat) {
  return picture(24, 32, type);
}

std::vector<float> all_but(std::size_t channels, const std::vector<std::size_t>& off, float factor = 0) {
  std::vector<float> factors(channels, 1);
  for (const auto channel : off) factors[channel] = factor;
  return factors;
}

class Ablation : public testing::Test {
 protected:
  Network load(std::vector<std::string> layers, std::vector<std::string> ablated,
               Precision precision = Precision::fp32) {
    LoadOptions options;
    options.path = path_;
    options.layers = std::move(layers);
    options.ablated = std::move(ablated);
    options.precision = precision;
    return Network::load(options);
  }

  test::ScratchDir scratch_;
  std::filesystem::path path_ = test::write_tiny_network(scratch_.path());
};

TEST_F(Ablation, AtFullStrengthAChannelIsExactlyZeroAndTheRestUntouched) {
  auto network = load({"relu1", "relu3"}, {"relu1"});
  const auto before = network.forward(small_picture());
  network.set_ablation(0, all_but(8, {2, 5}));
  const auto after = network.forward(small_picture());
  EXPECT_GT(
      before[0].select(1, 2).abs().sum().item<float>() + before[0].select(1, 5).abs().sum().item<float>(), 0);
  for (std::int64_t channel = 0; channel < 8; ++channel) {
    if (channel == 2 || channel == 5) {
      EXPECT_EQ(after[0].select(1, channel).abs().max().item<float>(), 0);
    } else {
      EXPECT_TRUE(at::equal(after[0].select(1, channel), before[0].select(1, channel)));
    }
  }
  EXPECT_FALSE(at::equal(after[1], before[1])) << "what lies behind it has changed";
}

TEST_F(Ablation, WhatLiesBehindSeesTheZeros) {
  // A lesion before a convolution equals a convolution whose weights for these channels are 0.
  test::OnnxModel model;
  model.conv("a", "picture", 3, 4, 3);
  model.node("Relu", "r", {"a"});
  auto& second = model.conv("b", "r", 4, 2, 1);
  model.output("b");
  const auto whole = model.write(scratch_ / "whole.onnx");
  for (auto& tensor : *model.graph().mutable_initializer()) {
    if (tensor.name() != second.input(1)) continue;
    for (int filter = 0; filter < 2; ++filter) tensor.set_float_data(filter * 4 + 1, 0);
  }
  const auto cut = model.write(scratch_ / "cut.onnx");
  path_ = whole;
  auto network = load({"b"}, {"r"});
  network.set_ablation(0, all_but(4, {1}));
  path_ = cut;
  EXPECT_TRUE(at::equal(network.forward(small_picture())[0], load({"b"}, {}).forward(small_picture())[0]));
}

TEST_F(Ablation, NoStrengthIsTheVeryPassWithoutLesions) {
  for (const auto precision : {Precision::fp32, Precision::bf16}) {
    if (precision == Precision::bf16) {
      DREAMREEL_NEEDS_FUSED_IN(at::kBFloat16, "bf16");
    }
    const auto plain = load({"relu3"}, {}, precision).forward(small_picture())[0];
    auto network = load({"relu3"}, {"conv1", "mixed1"}, precision);
    EXPECT_TRUE(at::equal(network.forward(small_picture())[0], plain));
    network.set_ablation(0, all_but(8, {0, 1, 2}, 0.5F));
    network.set_ablation(1, all_but(16, {9}));
    EXPECT_FALSE(at::equal(network.forward(small_picture())[0], plain));
    network.set_ablation(0, all_but(8, {}));
    network.set_ablation(1, {});
    EXPECT_TRUE(at::equal(network.forward(small_picture())[0], plain));
  }
}

TEST_F(Ablation, AFactorInBetweenScales) {
  auto network = load({"conv1"}, {"conv1"}, Precision::fp64);
  const auto before = network.forward(small_picture(at::kDouble))[0];
  network.set_ablation(0, all_but(8, {3}, 0.25F));
  const auto after = network.forward(small_picture(at::kDouble))[0];
  EXPECT_TRUE(at::equal(after.select(1, 3), before.select(1, 3) * 0.25));
}

// The layers cover every rewriting pass: before an in-place Relu, the Relu itself, and a layer with two
// branches.
TEST_F(Ablation, TheGradientIsThatOfFiniteDifferences) {
  for (const std::string layer : {"conv1", "relu1", "conv2a", "mixed1"}) {
    auto network = load({"relu3", "mixed1"}, {layer}, Precision::fp64);
    network.set_ablation(0,
                         all_but(static_cast<std::size_t>(network.ablatable()[0].channels), {0, 4, 6}, 0.3F));
    const auto objective = [&](const at::Tensor& x) {
      at::Tensor sum = at::zeros({}, at::kDouble);
      for (const auto& activation : network.forward(x)) sum = sum + 0.5 * activation.square().mean();
      return sum;
    };
    const auto x = small_picture(at::kDouble).requires_grad_();
    const auto gradient = torch::autograd::grad({objective(x)}, {x}).at(0).contiguous();
    constexpr double kStep = 1e-6;
    for (std::int64_t i = 0; i < x.numel(); i += 97) {
      const auto delta = at::zeros_like(x.detach());
      delta.view({-1})[i] = kStep;
      const auto slope =
          (objective(x.detach() + delta) - objective(x.detach() - delta)).item<double>() / (2 * kStep);
      // The error of central differences is the step squared, plus 1e-16 / step from rounding the objective.
      EXPECT_NEAR(gradient.view({-1})[i].item<double>(), slope, 1e-8) << layer << " " << i;
    }
  }
}

TEST_F(Ablation, AConvolutionBeforeItsBatchNormIsStillThere) {
  test::OnnxModel model;
  model.conv("conv", "picture", 3, 4, 3);
  for (const std::string part : {"gamma", "beta", "mean", "var"}) {
    auto values = test::pseudo_random(part, 4, 0.5F);
    if (part == "var") std::ranges::for_each(values, [](float& value) { value += 1; });
    model.weights(part, {4}, values);
  }
  model.node("BatchNormalization", "norm", {"conv", "gamma", "beta", "mean", "var"});
  model.node("Relu", "relu", {"norm"});
  model.output("relu");
  path_ = model.write(scratch_ / "norm.onnx");
  const auto norm = load({"norm"}, {}).forward(small_picture())[0];
  auto network = load({"norm"}, {"conv"});
  constexpr double kFloatTolerance = 1e-5;  // a few roundings in float32
  EXPECT_LT((network.forward(small_picture())[0] - norm).abs().max().item<double>(), kFloatTolerance);
  network.set_ablation(0, all_but(4, {1}));
  const auto after = network.forward(small_picture())[0];
  // A batch norm turns zeros into one number.
  EXPECT_EQ(after.select(1, 1).min().item<float>(), after.select(1, 1).max().item<float>());
  EXPECT_LT((after.select(1, 2) - norm.select(1, 2)).abs().max().item<double>(), kFloatTolerance);
}

TEST_F(Ablation, SaysWhatCanBeCut) {
  const auto network = load({"mixed1"}, {"relu1", "mixed1", "relu3"});
  ASSERT_EQ(network.ablatable().size(), 3U);
  EXPECT_EQ(network.ablatable()[0].name, "relu1");
  EXPECT_EQ(network.ablatable()[0].channels, 8);
  EXPECT_EQ(network.ablatable()[1].channels, 16);
  EXPECT_EQ(network.ablatable()[2].channels, 0) << "past the deepest wanted layer";
}

TEST_F(Ablation, RefusesWhatIsNotThere) {
  try {
    load({"mixed1"}, {"mixde1"});
    FAIL() << "expected a JobError";
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), HasSubstr("has no layer 'mixde1'; did you mean 'mixed1'?"));
  }
  auto network = load({"mixed1"}, {"relu1", "relu3"});
  EXPECT_THROW(network.set_ablation(0, all_but(7, {})), std::invalid_argument);
  EXPECT_THROW(network.set_ablation(1, all_but(16, {})), std::invalid_argument);
  EXPECT_THROW(network.set_ablation(2, {}), std::out_of_range);
}

}  // namespace
}  // namespace dreamreel::network
