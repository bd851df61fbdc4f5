// The fused executor against the autograd executor: the same activations and gradients for every operator that it has
// kernels of its own for, alone and together, and for those that it leaves to ATen.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

#include "dreamreel/network/network.h"
#include "fused_convolution.h"
#include "fused_executor.h"
#include "run_model.h"
#include "support/files.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;

// Sums in another order, a few layers deep, in units of the largest number.
constexpr double kFloatTolerance = 1e-5;
// Of the norm: 8 bits in each of a few layers, and a ReLU or a maximum that falls to the other side.
constexpr double kBfloatTolerance = 0.03;
// ATen's clamp lets the gradient through at the limit itself, which one number in a hundred hits with 8 bits; ours, like
// PyTorch's ReLU6, does not.
constexpr double kClampTolerance = 0.15;

struct Case {
  std::string name;
  std::vector<std::string> wanted;
  std::function<void(OnnxModel&)> build;
  double bfloat_tolerance = kBfloatTolerance;
};

void pool(OnnxModel& model, const std::string& op, const std::string& name, const std::string& input,
          std::int64_t kernel, std::int64_t stride, std::int64_t padding = 0) {
  auto& node = model.node(op, name, {input});
  test::set_ints(node, "kernel_shape", {kernel, kernel});
  test::set_ints(node, "strides", {stride, stride});
  test::set_ints(node, "pads", {padding, padding, padding, padding});
}

void concat(OnnxModel& model, const std::string& name, const std::vector<std::string>& inputs) {
  test::set_int(model.node("Concat", name, inputs), "axis", 1);
}

void conv_relu(OnnxModel& model, const std::string& name, const std::string& input, std::int64_t in,
               std::int64_t out, std::int64_t kernel, std::int64_t stride = 1) {
  model.conv(name, input, in, out, kernel, stride, kernel / 2);
  model.node("Relu", name + "_relu", {name});
}

void batch_norm(OnnxModel& model, const std::string& name, const std::string& input, std::int64_t channels) {
  const auto count = static_cast<std::size_t>(channels);
  for (const std::string part : {"gamma", "beta", "mean", "var"}) {
    auto values = test::pseudo_random(name + part, count, 0.5F);
    for (auto& number : values)
      if (part == "var" || part == "gamma") number += 1;
    model.weights(name + part, {channels}, values);
  }
  model.node("BatchNormalization", name, {input, name + "gamma", name + "beta", name + "mean", name + "var"});
}

const std::vector<Case> kCases{
    {"Chain",
     {"b_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 32, 3, 2);
       conv_relu(m, "b", "a_relu", 32, 48, 3);
     }},
    {"WantedInTheMiddle",
     {"a_relu", "b_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       conv_relu(m, "b", "a_relu", 16, 16, 3);
     }},
    {"WantedBeforeTheRelu",
     {"a", "b_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       conv_relu(m, "b", "a_relu", 16, 16, 3);
     }},
    {"TheSameLayerTwice",
     {"b_relu", "b_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 5, 3);
       conv_relu(m, "b", "a_relu", 16, 16, 1);
     }},
    {"Inception",
     {"mixed", "pool_conv_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "stem", "picture", 3, 32, 3, 2);
       conv_relu(m, "one", "stem_relu", 32, 16, 1);
       conv_relu(m, "reduce", "stem_relu", 32, 48, 1);
       conv_relu(m, "five", "reduce_relu", 48, 64, 5);
       pool(m, "AveragePool", "average", "stem_relu", 3, 1, 1);
       conv_relu(m, "pool_conv", "average", 32, 32, 1);
       concat(m, "mixed", {"one_relu", "five_relu", "pool_conv_relu"});
     }},
    {"ConcatOfConcat",
     {"last_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       conv_relu(m, "b", "a_relu", 16, 32, 3);
       conv_relu(m, "c", "a_relu", 16, 16, 1);
       concat(m, "inner", {"b_relu", "c_relu"});
       pool(m, "MaxPool", "pool", "a_relu", 3, 1, 1);
       concat(m, "outer", {"pool", "inner", "a_relu"});
       conv_relu(m, "last", "outer", 80, 16, 3, 2);
     }},
    {"ConcatOfOddChannels",
     {"mixed"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 10, 3);
       conv_relu(m, "b", "a_relu", 10, 24, 3);
       conv_relu(m, "c", "a_relu", 10, 7, 1);
       concat(m, "mixed", {"b_relu", "a_relu", "c_relu"});
     }},
    {"ConcatOfOneTwice",
     {"last"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       concat(m, "twice", {"a_relu", "a_relu"});
       m.conv("last", "twice", 32, 16, 3);
     }},
    {"PartOfAConcatWanted",
     {"b_relu", "last"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       conv_relu(m, "b", "a_relu", 16, 16, 3);
       concat(m, "both", {"a_relu", "b_relu"});
       m.conv("last", "both", 32, 16, 3);
     }},
    {"Dense",
     {"last"},
     [](OnnxModel& m) {  // as in DenseNet: every concatenation holds the ones before
       m.conv("a", "picture", 3, 32, 3, 2, 1);
       batch_norm(m, "a_norm", "a", 32);
       m.node("Relu", "a_relu", {"a_norm"});
       m.conv("b", "a_relu", 32, 16, 3, 1, 1);
       concat(m, "ab", {"a", "b"});
       batch_norm(m, "ab_norm", "ab", 48);
       m.node("Relu", "ab_relu", {"ab_norm"});
       m.conv("c", "ab_relu", 48, 16, 3, 1, 1);
       concat(m, "abc", {"a", "b", "c"});
       batch_norm(m, "last", "abc", 64);
     }},
    {"Residual",
     {"out_relu", "sum_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 32, 3, 2);
       conv_relu(m, "b", "a_relu", 32, 32, 3);
       m.conv("c", "b_relu", 32, 32, 1);
       m.node("Add", "sum", {"c", "a_relu"});
       m.node("Relu", "sum_relu", {"sum"});
       m.conv("d", "sum_relu", 32, 16, 1, 2);
       m.conv("e", "sum_relu", 32, 16, 3, 2, 1);  // two strided gradients to one value
       m.node("Add", "out", {"d", "e"});
       m.node("Relu", "out_relu", {"out"});
     }},
    {"SumWithItself",
     {"twice"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       m.node("Add", "twice", {"a_relu", "a_relu"});
     }},
    {"Pools",
     {"d_relu"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       pool(m, "MaxPool", "b", "a_relu", 3, 2);
       test::set_int(*m.graph().mutable_node(m.graph().node_size() - 1), "ceil_mode", 1);
       pool(m, "AveragePool", "c", "b", 2, 2, 1);
       test::set_int(*m.graph().mutable_node(m.graph().node_size() - 1), "count_include_pad", 1);
       conv_relu(m, "d", "c", 16, 16, 3);
     }},
    {"PoolOfThePicture",
     {"a_relu"},
     [](OnnxModel& m) {
       pool(m, "AveragePool", "shrunk", "picture", 2, 2);
       conv_relu(m, "a", "shrunk", 3, 16, 3);
     }},
    {"TwoConvolutionsOfThePicture",
     {"both"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3, 2);
       conv_relu(m, "b", "picture", 3, 16, 7, 2);
       concat(m, "both", {"a_relu", "b_relu"});
     }},
    {"FourPixelsApart",
     {"b_relu"},
     [](OnnxModel& m) {  // as in AlexNet
       m.conv("a", "picture", 3, 32, 11, 4, 2);
       m.node("Relu", "a_relu", {"a"});
       conv_relu(m, "b", "a_relu", 32, 16, 5);
     }},
    {"Clips",
     {"d"},
     [](OnnxModel& m) {  // as in MobileNet: ReLU6, depthwise
       m.conv("a", "picture", 3, 32, 3, 2, 1);
       m.weights("low", {}, {0});
       m.weights("high", {}, {0.5F});
       m.node("Clip", "b", {"a", "low", "high"});
       m.weights("depth.weight", {32, 1, 3, 3}, test::pseudo_random("depth", 288, 0.5F));
       auto& depthwise = m.node("Conv", "depth", {"b", "depth.weight"});
       test::set_int(depthwise, "group", 32);
       test::set_ints(depthwise, "pads", {1, 1, 1, 1});
       m.node("Clip", "c", {"depth", "low", "high"});
       m.conv("d", "c", 32, 16, 1);
     },
     kClampTolerance},
    {"ClipAlone",
     {"c"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       m.weights("high", {}, {0.25F});
       m.node("Clip", "b", {"a_relu", "", "high"});
       m.conv("c", "b", 16, 16, 3);
     },
     kClampTolerance},
    {"ReluAlone",
     {"c"},
     [](OnnxModel& m) {
       m.conv("a", "picture", 3, 16, 3);
       pool(m, "MaxPool", "pool", "a", 2, 2);
       m.node("Relu", "b", {"pool"});
       m.conv("c", "b", 16, 16, 3);
     }},
    {"OneReluOfTwoUsers",
     {"b", "c"},
     [](OnnxModel& m) {
       m.conv("a", "picture", 3, 16, 3);
       m.node("Relu", "a_relu", {"a"});
       m.conv("b", "a", 16, 16, 1);
       m.conv("c", "a_relu", 16, 16, 1);
     }},
    {"Islands",
     {"e_relu", "soft"},
     [](OnnxModel& m) {  // an LRN and others between, before and behind
       m.weights("half", {}, {0.5F});
       m.node("Sub", "centred", {"picture", "half"});
       conv_relu(m, "a", "centred", 3, 32, 3, 2);
       auto& lrn = m.node("LRN", "lrn", {"a_relu"});
       test::set_int(lrn, "size", 5);
       conv_relu(m, "b", "lrn", 32, 16, 1);
       m.node("Sigmoid", "gate", {"b_relu"});
       m.node("Mul", "gated", {"gate", "b_relu"});
       concat(m, "all", {"gated", "a_relu"});
       conv_relu(m, "e", "all", 48, 16, 3);
       m.node("GlobalAveragePool", "mean", {"e_relu"});
       m.node("Flatten", "flat", {"mean"});
       m.node("Relu", "flat_relu", {"flat"});
       m.node("Softmax", "soft", {"flat_relu"});
     }},
    {"Dilated",
     {"b"},
     [](OnnxModel& m) {
       conv_relu(m, "a", "picture", 3, 16, 3);
       auto& conv = m.conv("b", "a_relu", 16, 16, 3);
       test::set_ints(conv, "dilations", {2, 2});
     }},
    {"SamePadding",
     {"b_relu"},
     [](OnnxModel& m) {  // its padding depends on the size
       m.weights("a.weight", {16, 3, 3, 3}, test::pseudo_random("a", 432, 0.3F));
       auto& conv = m.node("Conv", "a", {"picture", "a.weight"});
       test::set_ints(conv, "strides", {2, 2});
       test::set_string(conv, "auto_pad", "SAME_UPPER");
       m.node("Relu", "a_relu", {"a"});
       conv_relu(m, "b", "a_relu", 16, 16, 3);
     }},
};

double worst(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return INFINITY;
  const auto size = expected.abs().max().item<double>();
  return (found - expected).abs().max().item<double>() / std::max(size, 1e-30);
}

double distance(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return INFINITY;
  return (found - expected).norm().item<double>() / std::max(expected.norm().item<double>(), 1e-30);
}

at::Tensor picture(std::int64_t height, std::int64_t width, std::int64_t count = 1) {
  const auto values =
      test::pseudo_random("picture", static_cast<std::size_t>(count * 3 * height * width), 0.5F);
  return (at::tensor(values) + 0.5).view({count, 3, height, width});
}

struct Result {
  std::vector<at::Tensor> activations;  ///< float32
  at::Tensor gradient;
};

/// Activations and the gradient of a sum of products with numbers that depend on the layer alone.
Result climb(const std::vector<at::Tensor>& activations, const at::Tensor& leaf) {
  Result result;
  std::vector<at::Tensor> cotangents;
  for (const auto& activation : activations) {
    EXPECT_TRUE(activation.dim() != 4 || activation.is_contiguous(at::MemoryFormat::ChannelsLast));
    result.activations.push_back(activation.detach().to(at::kFloat));
    const auto numbers = test::pseudo_random("cotangent", static_cast<std::size_t>(activation.numel()), 1);
    cotangents.push_back(at::tensor(numbers).view(activation.sizes()).to(activation.scalar_type()));
  }
  result.gradient = torch::autograd::grad(activations, {leaf}, cotangents).at(0);
  return result;
}

class Fused : public testing::Test {
 protected:
  void SetUp() override {
    if (!FusedExecutor::supports(at::kCPU, at::kBFloat16))
      std::puts("this processor has no AVX512-BF16: the autograd executor is compared with itself");
  }

  Network load(const std::function<void(OnnxModel&)>& build, const std::vector<std::string>& wanted,
               Precision precision, Executor executor, const std::vector<std::string>& ablated = {}) {
    OnnxModel model;
    build(model);
    model.output(wanted.back());
    return Network::load(
        {model.write(scratch_ / "net.onnx"), {}, wanted, at::kCPU, precision, ablated, executor});
  }

  static Result run(const Network& network, const at::Tensor& x, const std::vector<bool>& needed = {}) {
    const auto leaf = x.detach().clone().requires_grad_();
    std::vector<at::Tensor> defined;
    for (const auto& activation : network.forward(leaf, needed))
      if (activation.defined()) defined.push_back(activation);
    return climb(defined, leaf);
  }

  static void expect_same(const Result& found, const Result& expected, Precision precision,
                          double bfloat_tolerance = kBfloatTolerance) {
    const bool exact = precision == Precision::fp32;
    const auto error = exact ? worst : distance;
    const auto tolerance = exact ? kFloatTolerance : bfloat_tolerance;
    ASSERT_EQ(found.activations.size(), expected.activations.size());
    for (std::size_t i = 0; i < found.activations.size(); ++i)
      EXPECT_LE(error(found.activations[i], expected.activations[i]), tolerance) << "layer " << i;
    EXPECT_LE(error(found.gradient, expected.gradient), tolerance) << "gradient";
    EXPECT_GT(expected.gradient.norm().item<double>(), 0);
  }

  ScratchDir scratch_;
};

class EveryCase : public Fused, public testing::WithParamInterface<std::tuple<Case, Precision>> {};

TEST_P(EveryCase, IsAsWithAutograd) {
  const auto& [net, precision] = GetParam();
  const auto fused = load(net.build, net.wanted, precision, Executor::fused);
  const auto reference = load(net.build, net.wanted, precision, Executor::autograd);
  EXPECT_EQ(reference.executor(), Executor::autograd);
  EXPECT_EQ(fused.executor() == Executor::fused, FusedExecutor::supports(at::kCPU, at::kBFloat16));
  for (const auto& [height, width] : {std::pair{33, 46}, {64, 40}, {33, 46}}) {
    const auto x = picture(height, width);
    const auto found = run(fused, x);
    expect_same(found, run(reference, x), precision, net.bfloat_tolerance);
    const auto again = run(fused, x);
    EXPECT_TRUE(at::equal(again.gradient, found.gradient)) << "the same bits";
  }
}

std::string name_of_case(const testing::TestParamInfo<std::tuple<Case, Precision>>& info) {
  return std::get<0>(info.param).name + "_" + std::string(name_of(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(Nets, EveryCase,
                         testing::Combine(testing::ValuesIn(kCases),
                                          testing::Values(Precision::fp32, Precision::bf16)),
                         name_of_case);

// What oneDNN is fastest with elsewhere (AMX) has to be right here too.
class EveryFormat : public testing::TestWithParam<std::tuple<Case, Format>> {};

TEST_P(EveryFormat, IsAsWithAutograd) {
  const auto& [net, format] = GetParam();
  if (!FusedExecutor::supports(at::kCPU, at::kFloat)) return;
  OnnxModel model;
  net.build(model);
  model.output(net.wanted.back());
  auto graph = graph_of(model);
  std::vector<ValueId> wanted;
  for (const auto& name : net.wanted)
    wanted.push_back(
        static_cast<ValueId>(std::ranges::find(graph.value_names, name) - graph.value_names.begin()));
  cut(graph, wanted);
  fold_batch_norms(graph, wanted);
  reuse_relu_inputs(graph, wanted);
  const auto program = compile(graph, wanted, {at::kCPU, at::kFloat});
  FusedExecutor fused(graph, program, at::kFloat, format, "test.onnx");
  const auto x = picture(33, 46).contiguous(at::MemoryFormat::ChannelsLast);
  const auto leaf = x.clone().requires_grad_();
  const auto expected = climb(network::run(program, {leaf}, "test.onnx"), leaf);
  const auto found = climb(fused.run(leaf, {}, {}), leaf);
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_LE(worst(found.activations[i], expected.activations[i]), kFloatTolerance) << i;
  EXPECT_LE(worst(found.gradient, expected.gradient), kFloatTolerance);
  const auto held = fused.held_bytes();
  for (int pass = 0; pass < 3; ++pass) climb(fused.run(leaf, {}, {}), leaf);
  EXPECT_EQ(fused.held_bytes(), held) << "passes use the same memory again";
}

INSTANTIATE_TEST_SUITE_P(Nets, EveryFormat,
                         testing::Combine(testing::ValuesIn(kCases),
                                          testing::Values(Format::channels_last, Format::blocked)),
                         [](const auto& entry) {
                           return std::get<0>(entry.param).name + (std::get<1>(entry.param) == Format::blocked
                                                                       ? "_blocked"
                                                                       : "_channels_last");
                         });

const Case& find_case(const std::string& name) {
  return *std::ranges::find(kCases, name, &Case::name);
}

TEST_F(Fused, LeavesOutWhatIsNotNeeded) {
  const auto& net = find_case("Residual");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto reference = load(net.build, net.wanted, Precision::fp32, Executor::autograd);
  const auto x = picture(40, 40);
  for (const std::vector<bool>& needed : {std::vector{false, true}, {true, false}, {true, true}})
    expect_same(run(fused, x, needed), run(reference, x, needed), Precision::fp32);
}

TEST_F(Fused, CutsWhatIsAblated) {
  const auto& net = find_case("ConcatOfConcat");
  const std::vector<std::string> lesions{"a", "b_relu", "inner", "pool"};
  for (const auto precision : {Precision::fp32, Precision::bf16}) {
    auto fused = load(net.build, net.wanted, precision, Executor::fused, lesions);
    auto reference = load(net.build, net.wanted, precision, Executor::autograd, lesions);
    const auto x = picture(40, 40);
    for (std::size_t layer = 0; layer < lesions.size(); ++layer) {
      auto factors =
          test::pseudo_random("factors", static_cast<std::size_t>(fused.ablatable()[layer].channels), 2);
      factors[0] = 0;
      for (auto* network : {&fused, &reference}) network->set_ablation(layer, factors);
      expect_same(run(fused, x), run(reference, x), precision);
    }
    for (std::size_t layer = 0; layer < lesions.size(); ++layer) fused.set_ablation(layer, {});
    const auto plain = load(net.build, net.wanted, precision, Executor::fused);
    expect_same(run(fused, x), run(plain, x), precision);
  }
}

TEST_F(Fused, ABatchIsItsPicturesOneByOne) {
  const auto& net = find_case("Inception");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto reference = load(net.build, net.wanted, Precision::fp32, Executor::autograd);
  const auto x = picture(33, 46, 3);
  expect_same(run(fused, x), run(reference, x), Precision::fp32);
  const auto all = fused.forward(x);
  if (fused.executor() != Executor::fused) return;  // LibTorch's sums may differ by the size of the batch
  EXPECT_TRUE(at::equal(all[0].narrow(0, 1, 1), fused.forward(x.narrow(0, 1, 1))[0]));
}

TEST_F(Fused, ActivationsOutliveLaterPasses) {
  const auto& net = find_case("Inception");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto kept = fused.forward(picture(33, 46));
  const auto copy = kept[0].clone();
  fused.forward(picture(33, 46) * 0.5);
  run(fused, picture(33, 46) * 0.25);
  EXPECT_TRUE(at::equal(kept[0], copy));
}

TEST_F(Fused, TwoPassesAtOnceAndOneTwice) {
  const auto& net = find_case("Inception");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto a = picture(33, 46).requires_grad_(), b = (picture(33, 46) * 0.5).requires_grad_();
  const auto alone = run(fused, a).gradient;
  const auto first = fused.forward(a), second = fused.forward(b);
  const auto gradient = [&](const std::vector<at::Tensor>& layers, const at::Tensor& leaf) {
    std::vector<at::Tensor> cotangents;
    for (const auto& layer : layers)
      cotangents.push_back(
          at::tensor(test::pseudo_random("cotangent", static_cast<std::size_t>(layer.numel()), 1))
              .view(layer.sizes()));
    return torch::autograd::grad(layers, {leaf}, cotangents, /*retain_graph=*/true).at(0);
  };
  const auto of_second = gradient(second, b);
  EXPECT_TRUE(at::equal(gradient(first, a), alone));
  EXPECT_TRUE(at::equal(gradient(first, a), alone)) << "again, over memory that the first time has used";
  EXPECT_FALSE(at::equal(of_second, alone));
}

TEST_F(Fused, AGradientOfTheGradientIsAutograds) {
  const auto build = [](OnnxModel& m) {
    m.conv("a", "picture", 3, 16, 3);
    m.node("Sigmoid", "b", {"a"});
    m.conv("c", "b", 16, 16, 3);
  };
  const auto second = [&](Executor executor) {
    const auto network = load(build, {"c"}, Precision::fp32, executor);
    const auto x = picture(16, 16).requires_grad_();
    const auto layer = network.forward(x).at(0);
    const auto slope =
        torch::autograd::grad({layer.square().sum()}, {x}, {}, true, /*create_graph=*/true).at(0);
    return torch::autograd::grad({slope.square().sum()}, {x}).at(0);
  };
  EXPECT_LE(worst(second(Executor::fused), second(Executor::autograd)), kFloatTolerance);
}

TEST_F(Fused, WhatCannotRunSaysSoAsBefore) {
  const auto build = [](OnnxModel& m) {
    conv_relu(m, "a", "picture", 3, 16, 3);
    m.conv("wide", "a_relu", 16, 16, 9);
  };
  const auto message = [&](Executor executor) -> std::string {
    try {
      load(build, {"wide"}, Precision::fp32, executor).forward(picture(4, 4));
    } catch (const std::exception& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_EQ(message(Executor::fused), message(Executor::autograd));
  EXPECT_NE(message(Executor::fused).find("node 'wide' (Conv)"), std::string::npos);
}

}  // namespace
}  // namespace dreamreel::network
