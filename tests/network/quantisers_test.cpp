// Statically quantised networks.
#include "quantisers.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "dreamreel/core/error.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"
#include "pictures.h"
#include "run_model.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kScale = 0.02F;

void add_pair(OnnxModel& model, const std::string& input, const std::string& name) {
  model.node("QuantizeLinear", name + "_q", {input, "scale", "zero"});
  model.node("DequantizeLinear", name, {name + "_q", "scale", "zero"});
}

void set_zero(OnnxModel& model, onnx::TensorProto::DataType type, int value) {
  model.weights("scale", {}, {kScale});
  auto& zero = model.weights("zero", {}, {});
  zero.set_data_type(type);
  zero.add_int32_data(value);
}

/// Pairs around a Conv, as in ONNX's zoo.
OnnxModel quantised(onnx::TensorProto::DataType type = onnx::TensorProto::UINT8, int zero = 50) {
  OnnxModel model;
  set_zero(model, type, zero);
  add_pair(model, "picture", "in");
  model.conv("conv", "in", 3, 4, 3);
  add_pair(model, "conv", "out");
  model.output("out");
  return model;
}

struct LayerResult {
  at::Tensor activation, gradient;
};

LayerResult run_layer(const OnnxModel& model, const std::string& layer) {
  const ScratchDir scratch;
  const auto network = Network::load({model.write(scratch / "net.onnx"), {}, {layer}});
  const auto x = signed_picture(8, 9, 8).requires_grad_();
  const auto activation = network.forward(x).at(0);
  return {activation.detach(), torch::autograd::grad({activation.sum()}, {x}).at(0)};
}

TEST(Quantisers, APairIsItsRangeAndLetsTheGradientPass) {
  struct Range {
    onnx::TensorProto::DataType type;
    int zero;
    double low, high;
  };
  for (const auto& [type, zero, low, high] :
       {Range{onnx::TensorProto::UINT8, 50, -50, 205}, Range{onnx::TensorProto::INT8, 0, -128, 127},
        Range{onnx::TensorProto::INT8, -128, 0, 255}, Range{onnx::TensorProto::UINT16, 100, -100, 65435},
        Range{onnx::TensorProto::INT16, 0, -32768, 32767}}) {
    OnnxModel model;
    set_zero(model, type, zero);
    add_pair(model, "picture", "out");
    const auto found = run_layer(model, "out");
    const auto expected = signed_picture(8, 9, 8).clamp(low * kScale, high * kScale);
    EXPECT_TRUE(at::allclose(found.activation, expected, 1e-6, 1e-6)) << low;
    const auto inside = (expected == signed_picture(8, 9, 8)).to(at::kFloat);
    EXPECT_TRUE(at::equal(found.gradient, inside)) << low;
    EXPECT_GT(inside.sum().item<float>(), 0);
  }
}

// Rounding moves a number by at most half a step. A Conv adds up such errors, multiplied by its weights.
TEST(Quantisers, ANetworkIsTheQuantisedOneButForRounding) {
  const auto found = run_layer(quantised(), "out").activation;
  const auto graph = graph_of(quantised());
  const auto weight = graph.constants.at(
      static_cast<ValueId>(std::ranges::find(graph.value_names, "conv.weight") - graph.value_names.begin()));
  const auto bias = graph.constants.at(
      static_cast<ValueId>(std::ranges::find(graph.value_names, "conv.bias") - graph.value_names.begin()));
  const auto quantise = [](const at::Tensor& x) {
    return ((x / kScale).round() + 50).clamp(0, 255).sub(50).mul(kScale);
  };
  const auto expected = quantise(at::conv2d(quantise(signed_picture(8, 9, 8)), weight, bias));
  const auto most = (weight.abs().sum({1, 2, 3}).max().item<double>() + 1) * kScale / 2;
  EXPECT_LE((found - expected).abs().max().item<double>(), most);
}

TEST(Quantisers, LayersAreThoseInFloatingPoint) {
  const ScratchDir scratch;
  std::vector<std::string> names;
  for (const auto& layer : list_layers(quantised().write(scratch / "net.onnx"))) {
    EXPECT_TRUE(layer.usable) << layer.name;
    names.push_back(layer.name);
  }
  EXPECT_THAT(names, ElementsAre("in", "conv", "out"));
}

TEST(Quantisers, WeightsMayBeQuantisedForEachChannel) {
  OnnxModel model;
  model.weights("w", {2, 3, 1, 1}, {0.5F, 9, -9, 1, 2, -3});
  model.weights("scales", {2}, {0.05F, 0.01F});
  auto& zeros = model.weights("zeros", {2}, {});
  zeros.set_data_type(onnx::TensorProto::INT8);
  for (int i = 0; i < 2; ++i) zeros.add_int32_data(0);
  auto& stored = model.weights("stored", {2, 3, 1, 1}, {});
  stored.set_data_type(onnx::TensorProto::INT8);
  for (const int value : {10, 127, -128, 100, 127, -128}) stored.add_int32_data(value);
  test::set_int(model.node("DequantizeLinear", "weight", {"stored", "scales", "zeros"}), "axis", 0);
  model.node("Conv", "conv", {"picture", "weight"});
  const auto weight = at::tensor({0.5F, 6.35F, -6.4F, 1.0F, 1.27F, -1.28F}).view({2, 3, 1, 1});
  EXPECT_TRUE(at::allclose(run_layer(model, "conv").activation, at::conv2d(signed_picture(8, 9, 8), weight),
                           1e-5, 1e-5));
}

TEST(Quantisers, WhatComputesWithIntegersIsToldByName) {
  const auto refusal = [](OnnxModel& model, const std::string& layer) -> std::string {
    const ScratchDir scratch;
    try {
      Network::load({model.write(scratch / "net.onnx"), {}, {layer}});
    } catch (const UnavailableError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  for (const std::string op : {"QLinearConv", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear"}) {
    OnnxModel model;
    model.node(op, "node", {"picture"});
    EXPECT_THAT(refusal(model, "node"), testing::AllOf(HasSubstr("is quantised"), HasSubstr("node 'node'")))
        << op;
  }
  OnnxModel alone;
  set_zero(alone, onnx::TensorProto::UINT8, 0);
  add_pair(alone, "picture", "a");
  EXPECT_THAT(refusal(alone, "a_q"), HasSubstr("is quantised"));
}

TEST(Quantisers, AScaleBeyondFloat32IsNoLimit) {
  auto model = quantised();
  model.graph().mutable_initializer(0)->set_float_data(0, 1e38F);
  EXPECT_TRUE(at::equal(run_layer(model, "in").activation, signed_picture(8, 9, 8)));
}

// Numbers pass unchanged only if both nodes of a pair have the same parameters.
TEST(Quantisers, NodesThatDisagreeAreNoPair) {
  auto model = quantised();
  model.weights("other", {}, {0.5F});
  model.graph().mutable_node(1)->set_input(1, "other");
  auto graph = graph_of(model);
  pair_quantisers(graph);
  EXPECT_EQ(graph.nodes[1].op, "DequantizeLinear");
  EXPECT_EQ(graph.nodes[4].op, "Clip");
}

}  // namespace
}  // namespace dreamreel::network
