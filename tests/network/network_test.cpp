#include "dreamreel/network/network.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

#include "dreamreel/core/error.h"
#include "dreamreel/network/layer_list.h"
#include "fused_skip.h"
#include "pictures.h"
#include "support/files.h"
#include "support/onnx_model.h"
#include "support/tiny_network.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

template <typename Failure, typename Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

class TinyNetwork : public testing::Test {
 protected:
  Network load(std::vector<std::string> layers, Precision precision = Precision::fp32,
               const InputScaling& scaling = {}) {
    return Network::load({path_, scaling, std::move(layers), at::kCPU, precision});
  }

  ScratchDir scratch_;
  std::filesystem::path path_ = test::write_tiny_network(scratch_.path());
};

TEST_F(TinyNetwork, GivesTheWantedLayersInOrder) {
  const auto network = load({"relu3", "conv1", "mixed1"});
  EXPECT_THAT(network.layers(), ElementsAre("relu3", "conv1", "mixed1"));
  const auto layers = network.forward(picture(32, 48));
  EXPECT_EQ(layers.at(0).sizes(), (std::vector<std::int64_t>{1, 16, 4, 6}));
  EXPECT_EQ(layers.at(1).sizes(), (std::vector<std::int64_t>{1, 8, 16, 24}));
  EXPECT_EQ(layers.at(2).sizes(), (std::vector<std::int64_t>{1, 16, 8, 12}));
  for (const auto& layer : layers) EXPECT_GT(layer.abs().mean().item<double>(), 0.01);
}

TEST_F(TinyNetwork, ALayerIsTheSameWhateverElseIsWanted) {
  const auto x = picture(32, 32);
  const auto alone = load({"relu3"}).forward(x).at(0);
  const auto before = load({"conv3"}).forward(x).at(0);
  const auto both = load({"conv3", "relu3"}).forward(x);
  EXPECT_TRUE(at::equal(both.at(0), before));
  EXPECT_TRUE(at::equal(both.at(1), alone));
  EXPECT_LT(before.min().item<float>(), 0);  // the Relu in place has not overwritten it
}

TEST_F(TinyNetwork, APassForSomeLayersGivesThemAlone) {
  const auto network = load({"relu3", "relu2a", "conv1"});
  const auto x = picture(32, 32);
  const auto all = network.forward(x);
  const auto some = network.forward(x, {false, true, true});
  EXPECT_FALSE(some.at(0).defined());
  EXPECT_TRUE(at::equal(some.at(1), all.at(1)));
  EXPECT_TRUE(at::equal(some.at(2), all.at(2)));
  for (const auto& layer : network.forward(x, {false, false, false})) EXPECT_FALSE(layer.defined());
  EXPECT_THROW(network.forward(x, {true}), std::invalid_argument);
}

// A 9x9 convolution cannot run on 4x4 pixels. So a pass that succeeds shows that it was not run.
TEST_F(TinyNetwork, APassForShallowLayersLeavesTheDeepOnesOut) {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 8, 3, 1, 1);
  model.conv("deep", "conv1", 8, 8, 9);
  model.output("deep");
  const ScratchDir folder;
  const auto network = Network::load({model.write(folder / "deep.onnx"), {}, {"conv1", "deep"}, at::kCPU});
  EXPECT_THROW(network.forward(picture(4, 4)), RenderError);
  EXPECT_EQ(network.forward(picture(4, 4), {true, false}).at(0).size(2), 4);
}

TEST_F(TinyNetwork, HoldsOnlyTheWeightsThatItNeeds) {
  EXPECT_EQ(load({"pool1"}).weight_bytes(), 4 * (8 * 3 * 9 + 8));
  EXPECT_EQ(load({"pool1"}, Precision::bf16).weight_bytes(), 2 * (8 * 3 * 9 + 8));
  EXPECT_FALSE(load({"pool1"}).forward(picture(16, 16)).at(0).requires_grad());
}

TEST_F(TinyNetwork, PrecisionIsThatOfTheActivations) {
  const auto expected = load({"relu3"}).forward(picture(64, 64)).at(0);
  EXPECT_EQ(expected.scalar_type(), at::kFloat);
  DREAMREEL_NEEDS_FUSED_IN(at::kBFloat16, "bf16");
  const auto found = load({"relu3"}, Precision::bf16).forward(picture(64, 64)).at(0);
  EXPECT_EQ(found.scalar_type(), at::kBFloat16);
  // bfloat16 has 8 bits: an error of 0.4 % a layer, three layers deep.
  EXPECT_LT((found.to(at::kFloat) - expected).abs().max().item<float>(), 0.02 * expected.max().item<float>());
}

TEST_F(TinyNetwork, GradientIsThatOfFiniteDifferences) {
  const auto network = load({"mixed1", "relu3"}, Precision::fp64);
  const auto objective = [&](const at::Tensor& x) {
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const auto& layer : network.forward(x)) sum = sum + 0.5 * (layer * layer).mean();
    return sum;
  };
  const auto x = picture(16, 16, at::kDouble).requires_grad_();
  const auto gradient = torch::autograd::grad({objective(x)}, {x}).at(0).contiguous();
  constexpr double kStep = 1e-6;
  for (std::int64_t i = 0; i < x.numel(); i += 37) {
    const auto delta = at::zeros_like(x.detach());
    delta.view({-1})[i] = kStep;
    const auto slope =
        (objective(x.detach() + delta) - objective(x.detach() - delta)).item<double>() / (2 * kStep);
    // The error of central differences is the step squared, plus 1e-16 / step from rounding the objective.
    EXPECT_NEAR(gradient.view({-1})[i].item<double>(), slope, 1e-8) << i;
  }
}

TEST_F(TinyNetwork, ScalingIsWhatTheNetworkSees) {
  const auto x = picture(24, 24);
  InputScaling scaling{255, {104, 117, 123}, {2, 3, 4}, InputScaling::Order::bgr};
  const auto mean = at::tensor({104.0F, 117.0F, 123.0F}).view({1, 3, 1, 1});
  const auto std = at::tensor({2.0F, 3.0F, 4.0F}).view({1, 3, 1, 1});
  const auto seen = (x.flip(1) * 255 - mean) / std;
  const auto expected = load({"relu3"}).forward(seen).at(0);
  const auto found = load({"relu3"}, Precision::fp32, scaling).forward(x).at(0);
  constexpr double kFloatTolerance = 1e-5;  // a few roundings in float32
  EXPECT_TRUE(
      at::allclose(found, expected, kFloatTolerance, kFloatTolerance * expected.max().item<double>()));
}

TEST_F(TinyNetwork, MinInputSideIsTheSmallestThatRuns) {
  EXPECT_EQ(load({"relu1"}).min_input_side(), 1);
  const auto network = load({"relu3"});
  const auto side = network.min_input_side();
  EXPECT_EQ(side, 3);  // conv1 makes 2 of 3, pool1 makes 1 of 2
  EXPECT_EQ(network.forward(picture(side, side)).at(0).size(2), 1);
  EXPECT_THAT(message_of<RenderError>([&] { network.forward(picture(side - 1, side - 1)); }),
              AllOf(HasSubstr("tiny.onnx"), HasSubstr("pool1"), HasSubstr("too small")));
}

TEST_F(TinyNetwork, RefusesPicturesThatAreNone) {
  const auto network = load({"relu1"});
  EXPECT_THROW(network.forward(at::zeros({3, 8, 8})), std::invalid_argument);
  EXPECT_THROW(network.forward(at::zeros({1, 4, 8, 8})), std::invalid_argument);
  EXPECT_THROW(network.forward(at::zeros({1, 3, 8, 8}, at::kByte)), std::invalid_argument);
}

TEST_F(TinyNetwork, AWrongLayerNameGetsTheClosest) {
  EXPECT_THAT(message_of<JobError>([&] { load({"mixd1"}); }),
              AllOf(HasSubstr("no layer 'mixd1'"), HasSubstr("'mixed1'"), HasSubstr("dreamreel layers")));
  EXPECT_THROW(load({}), JobError);
  EXPECT_THROW(load({"picture"}), JobError);
}

TEST_F(TinyNetwork, RefusesWhatIsNotThere) {
  EXPECT_THROW(load({"relu1"}, Precision::fp16), UnavailableError);
  EXPECT_THAT(message_of<InputError>([&] { list_layers(scratch_ / "none.onnx"); }), HasSubstr("none.onnx"));
  EXPECT_THROW(list_layers(scratch_.path()), InputError);
}

TEST_F(TinyNetwork, ListsItsLayers) {
  const auto layers = list_layers(path_);
  ASSERT_EQ(layers.size(), 10U);
  const auto& pool = layers.at(2);
  EXPECT_EQ(pool.name, "pool1");
  EXPECT_EQ(pool.op, "MaxPool");
  EXPECT_EQ(pool.channels, 8);
  EXPECT_EQ(pool.scale, 4);
  EXPECT_EQ(layers.at(7).name, "mixed1");
  EXPECT_EQ(layers.at(7).channels, 16);
  EXPECT_EQ(layers.at(9).scale, 8);
  for (const auto& layer : layers) EXPECT_TRUE(layer.usable);
}

/// conv1 - relu1 - Mystery - conv2, a branch relu1 - conv3, and then a head for 8x8 pictures only.
OnnxModel model_with_mystery() {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3, 1, 1);
  model.node("Relu", "relu1", {"conv1"});
  model.node("Mystery", "strange", {"relu1"});
  model.conv("conv2", "strange", 4, 4, 1);
  model.conv("conv3", "relu1", 4, 4, 1);
  model.node("Flatten", "flat", {"conv3"});
  model.weights("fc.weight", {256, 5}, test::pseudo_random("fc", 256UL * 5, 0.1F));
  model.node("Gemm", "fc", {"flat", "fc.weight"});
  for (const auto* name : {"conv2", "fc"}) model.output(name);
  auto& shape = *model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.mutable_dim(2)->set_dim_value(8);
  shape.mutable_dim(3)->set_dim_value(8);
  return model;
}

TEST(UnsupportedOps, MatterOnlyToLayersThatNeedThem) {
  const ScratchDir scratch;
  const auto path = model_with_mystery().write(scratch / "mystery.onnx");
  EXPECT_EQ(Network::load({path, {}, {"conv3"}}).forward(picture(20, 20)).at(0).size(3), 20);
  EXPECT_THAT(message_of<UnavailableError>([&] {
                Network::load({path, {}, {"conv2"}});
              }),
              AllOf(HasSubstr("'strange'"), HasSubstr("Mystery"), HasSubstr("'conv1' and 'relu1'")));
  for (const auto& layer : list_layers(path)) {
    EXPECT_EQ(layer.usable, layer.name != "strange" && layer.name != "conv2") << layer.name;
  }
}

TEST(FixedSize, HeadsRunAtTheDeclaredSizeAndConvolutionsAtAny) {
  const ScratchDir scratch;
  const auto path = model_with_mystery().write(scratch / "fixed.onnx");
  const auto head = Network::load({path, {}, {"fc"}});
  EXPECT_EQ(head.min_input_side(), 8);
  EXPECT_EQ(head.forward(picture(8, 8)).at(0).sizes(), (std::vector<std::int64_t>{1, 5, 1, 1}));
  EXPECT_THAT(message_of<RenderError>([&] { head.forward(picture(9, 9)); }), HasSubstr("'fc' (Gemm)"));
  for (const auto& layer : list_layers(path)) {
    if (layer.name != "fc") continue;
    EXPECT_EQ(layer.channels, 5);
    EXPECT_EQ(layer.scale, 0);
  }
}

TEST(TextInAFile, IsLeftAlone) {
  const ScratchDir scratch;
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 1);
  model.output("conv1");
  auto& labels = *model.graph().add_initializer();
  labels.set_name("labels");
  labels.set_data_type(onnx::TensorProto::STRING);
  labels.add_dims(1);
  labels.add_string_data("dog");
  const auto path = model.write(scratch / "labels.onnx");
  ASSERT_EQ(list_layers(path).size(), 1);
  EXPECT_EQ(list_layers(path)[0].channels, 4);
  EXPECT_EQ(Network::load({path, {}, {"conv1"}}).forward(picture(8, 8)).at(0).size(1), 4);
}

TEST(NamelessNodes, AreCalledByTheirTensors) {
  const ScratchDir scratch;
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3);
  model.graph().mutable_node(0)->clear_name();
  model.output("conv1");
  const auto path = model.write(scratch / "nameless.onnx");
  EXPECT_EQ(list_layers(path).at(0).name, "conv1");
  EXPECT_EQ(Network::load({path, {}, {"conv1"}}).forward(picture(8, 8)).at(0).size(1), 4);
}

TEST(ShapeArithmetic, OfPyTorchsFlattenRunsAtAnySize) {
  const ScratchDir scratch;
  OnnxModel model;  // x.view(x.size(0), -1) and an upsampling to twice the size
  model.conv("conv1", "picture", 3, 4, 3, 1, 1);
  model.node("Shape", "shape", {"conv1"});
  model.integers("zero", {0});
  model.node("Gather", "batch", {"shape", "zero"});
  model.integers("rest", {-1});
  test::set_int(model.node("Concat", "sizes", {"batch", "rest"}), "axis", 0);
  model.node("Reshape", "flat", {"conv1", "sizes"});
  model.output("flat");
  const auto path = model.write(scratch / "shapes.onnx");
  EXPECT_EQ(Network::load({path, {}, {"flat"}}).forward(picture(6, 7)).at(0).size(1), 4 * 6 * 7);
  EXPECT_THAT(message_of<JobError>([&] {
                Network::load({path, {}, {"sizes"}});
              }),
              HasSubstr("no activations"));
  DREAMREEL_NEEDS_FUSED_IN(at::kBFloat16, "bf16");
  const auto network = Network::load({path, {}, {"flat"}, at::kCPU, Precision::bf16});
  EXPECT_EQ(network.forward(picture(6, 7)).at(0).size(1), 4 * 6 * 7);
}

TEST(ShapeArithmetic, ThatNeverFitsIsALayerThatRunsAtNoSize) {
  const ScratchDir scratch;
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3, 1, 1);
  model.integers("sizes", {131, -1});
  model.node("Reshape", "flat", {"conv1", "sizes"});
  model.output("flat");
  const auto path = model.write(scratch / "misfit.onnx");
  EXPECT_EQ(list_layers(path).at(0).channels, 4);
  EXPECT_THAT(message_of<InputError>([&] {
                Network::load({path, {}, {"flat"}});
              }),
              HasSubstr("shape '[131, -1]' is invalid"));
}

TEST(TensorFlowLayout, PicturesAreFedChannelsLast) {
  const ScratchDir scratch;
  OnnxModel model;
  auto& shape = *model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.mutable_dim(1)->set_dim_param("H");
  shape.mutable_dim(3)->set_dim_value(3);
  test::set_ints(model.node("Transpose", "planes", {"picture"}), "perm", {0, 3, 1, 2});
  model.output("planes");
  const auto network = Network::load({model.write(scratch / "nhwc.onnx"), {}, {"planes"}});
  EXPECT_TRUE(at::equal(network.forward(picture(5, 7)).at(0), picture(5, 7)));
}

TEST(GreyNetworks, AreRefused) {
  const ScratchDir scratch;
  OnnxModel model;
  model.graph()
      .mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_value(1);
  model.node("Relu", "relu1", {"picture"});
  const auto path = model.write(scratch / "grey.onnx");
  EXPECT_THAT(message_of<InputError>([&] { Network::load({path, {}, {"relu1"}}); }), HasSubstr("colour"));
}

/// Every kind of operator that a convolutional network has between its convolutions.
struct Between {
  const char* op;
  std::function<void(OnnxModel&, onnx::NodeProto&)> complete = [](OnnxModel&, onnx::NodeProto&) {};

  friend void PrintTo(const Between& between, std::ostream* out) { *out << between.op; }
};

const auto kPool = [](OnnxModel&, onnx::NodeProto& node) {
  test::set_ints(node, "kernel_shape", {3, 3});
  test::set_ints(node, "strides", {2, 2});
  test::set_ints(node, "pads", {0, 0, 1, 1});
};

const auto kScaleAndBias = [](OnnxModel& model, onnx::NodeProto& node) {
  for (const auto* name : {"scale", "bias"}) {
    model.weights(name, {4}, {1, 2, 1, 0.5F});
    node.add_input(name);
  }
};

const Between kBetween[] = {
    {"Relu"},
    {"LeakyRelu"},
    {"Elu"},
    {"Selu"},
    {"Sigmoid"},
    {"Tanh"},
    {"HardSigmoid"},
    {"HardSwish"},
    {"Softplus"},
    {"Softsign"},
    {"Softmax"},
    {"Identity"},
    {"Dropout"},
    {"GlobalAveragePool"},
    {"GlobalMaxPool"},
    {"MaxPool", kPool},
    {"AveragePool", kPool},
    {"LRN", [](OnnxModel&,
               onnx::NodeProto& node) { test::set_int(node, "size", 3), test::set_float(node, "alpha", 1); }},
    {"PRelu",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.weights("slope", {4, 1, 1}, {0.1F, 0.2F, 0.3F, 0.4F});
       node.add_input("slope");
     }},
    {"Clip",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.weights("low", {}, {0});
       model.weights("high", {}, {1});
       node.add_input("low");
       node.add_input("high");
     }},
    {"Pad",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.integers("pads", {0, 0, 1, 2, 0, 0, 3, 4});
       node.add_input("pads");
       test::set_string(node, "mode", "reflect");
     }},
    {"Resize",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.weights("scales", {4}, {1, 1, 2, 1.5F});
       node.add_input("");
       node.add_input("scales");
       test::set_string(node, "mode", "linear");
     }},
    {"Mul",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.weights("factors", {4, 1, 1}, {1, 2, 3, 4});
       node.add_input("factors");
     }},
    {"Gelu"},
    {"Mish"},
    {"Celu"},
    {"Swish"},
    {"ThresholdedRelu", [](OnnxModel&, onnx::NodeProto& node) { test::set_float(node, "alpha", 0.1F); }},
    {"Shrink", [](OnnxModel&, onnx::NodeProto& node) { test::set_float(node, "lambd", 0.1F); }},
    {"Atan"},
    {"LpNormalization", [](OnnxModel&, onnx::NodeProto& node) { test::set_int(node, "axis", 1); }},
    {"MeanVarianceNormalization"},
    {"InstanceNormalization", kScaleAndBias},
    {"GroupNormalization",
     [](OnnxModel& model, onnx::NodeProto& node) {
       kScaleAndBias(model, node);
       test::set_int(node, "num_groups", 2);
     }},
    {"LayerNormalization",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.weights("scale", {12}, {1, 2, 1, 0.5F, 1, 2, 1, 0.5F, 1, 2, 1, 0.5F});
       node.add_input("scale");
     }},
    {"RMSNormalization",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.weights("scale", {12}, {1, 2, 1, 0.5F, 1, 2, 1, 0.5F, 1, 2, 1, 0.5F});
       node.add_input("scale");
     }},
    {"ConvTranspose",
     [](OnnxModel& model, onnx::NodeProto& node) {
       model.weights("kernel", {4, 2, 3, 3}, test::pseudo_random("kernel", 72, 0.5F));
       node.add_input("kernel");
       test::set_ints(node, "strides", {2, 2});
       test::set_ints(node, "pads", {1, 0, 0, 1});
     }},
    {"DepthToSpace", [](OnnxModel&, onnx::NodeProto& node) { test::set_int(node, "blocksize", 2); }},
    {"SpaceToDepth", [](OnnxModel&, onnx::NodeProto& node) { test::set_int(node, "blocksize", 2); }},
    {"ReduceL2", [](OnnxModel&, onnx::NodeProto& node) { test::set_ints(node, "axes", {1}); }},
    {"ReduceLogSumExp", [](OnnxModel&, onnx::NodeProto& node) { test::set_ints(node, "axes", {1}); }},
    {"ReduceProd", [](OnnxModel&, onnx::NodeProto& node) { test::set_ints(node, "axes", {1}); }},
    {"Einsum", [](OnnxModel&, onnx::NodeProto& node) { test::set_string(node, "equation", "nchw->nhwc"); }},
    {"BatchNormalization",
     [](OnnxModel& model, onnx::NodeProto& node) {
       for (const auto* name : {"gamma", "beta", "mean", "variance"}) {
         model.weights(name, {4}, {1, 2, 1, 0.5F});
         node.add_input(name);
       }
     }},
};

class EveryKind : public testing::TestWithParam<Between> {};

TEST_P(EveryKind, RunsInEveryPrecisionWithItsGradient) {
  const ScratchDir scratch;
  OnnxModel model(14);
  model.conv("conv", "picture", 3, 4, 3);
  model.node("Sigmoid", "input", {"conv"});  // keeps a BatchNormalization from being folded
  GetParam().complete(model, model.node(GetParam().op, "between", {"input"}));
  model.output("between");
  const auto path = model.write(scratch / "net.onnx");
  const auto gradient = [&](Precision precision, at::ScalarType type) {
    const auto x = picture(12, 14, type).requires_grad_();
    const auto layer = Network::load({path, {}, {"between"}, at::kCPU, precision}).forward(x).at(0);
    EXPECT_FALSE(layer.isnan().any().item<bool>());
    // The squares of normalised numbers have the same sum for every picture. With weights they do not.
    const auto numbers = test::pseudo_random("weights", static_cast<std::size_t>(layer.numel()), 1);
    const auto weights = at::tensor(numbers).view(layer.sizes()).to(at::kDouble);
    return torch::autograd::grad({(layer.to(at::kDouble).square() * weights).sum()}, {x})
        .at(0)
        .to(at::kDouble);
  };
  const auto expected = gradient(Precision::fp64, at::kDouble);
  const auto size = expected.norm().item<double>();
  EXPECT_GT(size, 0);
  EXPECT_LT((gradient(Precision::fp32, at::kFloat) - expected).norm().item<double>(), 1e-5 * size);
  DREAMREEL_NEEDS_FUSED_IN(at::kBFloat16, "bf16");
  // 8 bits. A kink or a maximum may fall to the other side.
  EXPECT_LT((gradient(Precision::bf16, at::kFloat) - expected).norm().item<double>(), 0.1 * size);
}

INSTANTIATE_TEST_SUITE_P(Operators, EveryKind, testing::ValuesIn(kBetween),
                         [](const auto& entry) { return entry.param.op; });

TEST(BestPrecision, IsOneThatTheDeviceRuns) {
  EXPECT_THAT(best_precision(at::kCPU), testing::AnyOf(Precision::fp32, Precision::bf16));
  EXPECT_EQ(best_precision(at::Device(at::kCUDA, 0)), Precision::fp16);
}

}  // namespace
}  // namespace dreamreel::network
