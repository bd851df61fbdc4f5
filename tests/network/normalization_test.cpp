// Compares normalisations with their formulas in float64. ONNX's conformance cases lack GroupNormalization
// and some others.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dreamreel/core/error.h"
#include "run_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;

at::Tensor batch_of_maps() {
  return at::tensor(test::pseudo_random("picture", 2UL * 12 * 5 * 7, 1)).view({2, 12, 5, 7}) + 0.5;
}

std::vector<float> parameters(const std::string& name, std::size_t count) {
  auto values = test::pseudo_random(name, count, 1);
  for (auto& value : values) value += 1.5F;
  return values;
}

at::Tensor as_tensor(const std::vector<float>& values) {
  return at::tensor(values, at::kDouble);
}

/// (x - mean) / sqrt(variance + epsilon) over `axes`.
at::Tensor normalised(const at::Tensor& x, at::IntArrayRef axes, double epsilon) {
  const auto centred = x - x.mean(axes, true);
  return centred / (centred.square().mean(axes, true) + epsilon).sqrt();
}

void expect_close(const at::Tensor& found, const at::Tensor& expected) {
  constexpr double kTolerance = 2e-5;  // some roundings in float32
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_TRUE(at::allclose(found.to(at::kDouble), expected, kTolerance, kTolerance));
}

TEST(GroupNormalization, HasParametersForGroupsOrChannels) {
  const auto x = batch_of_maps().to(at::kDouble);
  for (const std::int64_t groups : {1, 3, 4, 12}) {
    const auto plain = normalised(x.reshape({2, groups, -1}), {2}, 1e-3).reshape(x.sizes());
    for (const auto& [opset, count] : {std::pair<std::int64_t, std::int64_t>{18, groups}, {21, 12}}) {
      OnnxModel model(opset);
      const auto scale = parameters("scale", static_cast<std::size_t>(count)),
                 bias = parameters("bias", static_cast<std::size_t>(count));
      model.weights("s", {count}, scale);
      model.weights("b", {count}, bias);
      auto& node = model.node("GroupNormalization", "out", {"picture", "s", "b"});
      test::set_int(node, "num_groups", groups);
      test::set_float(node, "epsilon", 1e-3F);
      const auto spread = [count = count](const std::vector<float>& values) {
        return as_tensor(values).repeat_interleave(12 / count).view({12, 1, 1});
      };
      expect_close(run_model(model, batch_of_maps(), "out"), plain * spread(scale) + spread(bias));
    }
  }
}

TEST(GroupNormalization, RefusesWhatDoesNotFit) {
  for (const auto& [groups, count] : {std::pair<std::int64_t, std::int64_t>{5, 12}, {3, 4}, {4, 0}}) {
    OnnxModel model(18);
    model.weights("s", {count}, parameters("scale", static_cast<std::size_t>(count)));
    test::set_int(model.node("GroupNormalization", "out", {"picture", "s", "s"}), "num_groups", groups);
    EXPECT_THROW(run_model(model, batch_of_maps(), "out"), RenderError) << groups;
  }
  OnnxModel model(18);
  model.weights("s", {12}, parameters("scale", 12));
  model.node("GroupNormalization", "out", {"picture", "s", "s"});
  EXPECT_THROW(run_model(model, batch_of_maps(), "out"), InputError);
}

TEST(InstanceNormalization, IsOverThePositionsOfAChannel) {
  OnnxModel model(9);
  const auto scale = parameters("scale", 12), bias = parameters("bias", 12);
  model.weights("s", {12}, scale);
  model.weights("b", {12}, bias);
  test::set_float(model.node("InstanceNormalization", "out", {"picture", "s", "b"}), "epsilon", 1e-2F);
  const auto x = batch_of_maps().to(at::kDouble);
  const auto found = run_model(model, batch_of_maps(), "out");
  expect_close(found, normalised(x, {2, 3}, 1e-2) * as_tensor(scale).view({12, 1, 1}) +
                          as_tensor(bias).view({12, 1, 1}));
}

TEST(LayerNormalization, TakesParametersThatAreSpread) {
  OnnxModel model(17);
  const auto scale = parameters("scale", 5);
  model.weights("s", {5, 1}, scale);
  auto& node = model.node("LayerNormalization", "out", {"picture", "s"});
  test::set_int(node, "axis", 1);
  const auto x = batch_of_maps().to(at::kDouble);
  expect_close(run_model(model, batch_of_maps(), "out"),
               normalised(x, {1, 2, 3}, 1e-5) * as_tensor(scale).view({5, 1}));
}

TEST(RmsNormalization, LeavesTheMean) {
  OnnxModel model(23);
  const auto scale = parameters("scale", 7);
  model.weights("s", {7}, scale);
  model.node("RMSNormalization", "out", {"picture", "s"});
  const auto x = batch_of_maps().to(at::kDouble);
  const auto size = (x.square().mean(at::IntArrayRef{3}, true) + 1e-5).sqrt();
  expect_close(run_model(model, batch_of_maps(), "out"), x / size * as_tensor(scale));
}

TEST(LpNormalization, MakesSumsOne) {
  for (const std::int64_t p : {1, 2}) {
    OnnxModel model;
    auto& node = model.node("LpNormalization", "out", {"picture"});
    test::set_int(node, "axis", 1);
    test::set_int(node, "p", p);
    const auto found =
        run_model(model, batch_of_maps(), "out").to(at::kDouble).abs().pow(static_cast<double>(p)).sum(1);
    expect_close(found, at::ones_like(found));
    EXPECT_TRUE(run_model(model, at::zeros({1, 3, 2, 2}), "out").eq(0).all().item<bool>());
  }
}

// gelu(x) = x P(N(0,1) < x) at some points, from tables of the normal distribution.
TEST(Gelu, IsTheNormalDistributionsOrAnApproximation) {
  const auto x = at::tensor({-2.0F, -1.0F, 0.0F, 1.0F, 2.0F, 3.0F}).view({1, 1, 1, 6});
  const auto expected =
      at::tensor({-2 * 0.0227501, -0.1586553, 0.0, 0.8413447, 2 * 0.9772499, 3 * 0.9986501});
  for (const std::string approximate : {"none", "tanh"}) {
    OnnxModel model(20);
    test::set_string(model.node("Gelu", "out", {"picture"}), "approximate", approximate);
    const auto found = run_model(model, x, "out").view({6}).to(at::kDouble);
    EXPECT_TRUE(at::allclose(found, expected.to(at::kDouble), 0, approximate == "none" ? 1e-6 : 1e-3));
  }
  OnnxModel wrong(20);
  test::set_string(wrong.node("Gelu", "out", {"picture"}), "approximate", "cubic");
  EXPECT_THROW(run_model(wrong, x, "out"), InputError);
}

}  // namespace
}  // namespace dreamreel::network
