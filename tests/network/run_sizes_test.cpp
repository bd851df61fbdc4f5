// Networks that run at one size only, networks whose files only look like it, and where their channels are.
#include "run_sizes.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "channel_axes.h"
#include "dreamreel/core/error.h"
#include "dreamreel/network/layer_list.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;

constexpr std::int64_t kRareHeight = 48, kRareWidth = 64;  // a size that networks are rarely made for

void declare_size(OnnxModel& model, std::int64_t height, std::int64_t width) {
  auto& shape = *model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.mutable_dim(2)->clear_dim_param();
  shape.mutable_dim(3)->clear_dim_param();
  shape.mutable_dim(2)->set_dim_value(height);
  shape.mutable_dim(3)->set_dim_value(width);
}

Network load_model(const OnnxModel& model, const std::vector<std::string>& layers, std::int64_t size = 0) {
  const test::ScratchDir folder;
  LoadOptions options;
  options.path = model.write(folder.path() / "model.onnx");
  options.layers = layers;
  options.size = size;
  options.executor = Executor::autograd;
  return Network::load(options);
}

std::vector<LayerInfo> listed(const OnnxModel& model) {
  const test::ScratchDir folder;
  return list_layers(model.write(folder.path() / "model.onnx"));
}

/// A convolution to (4,h/8,w/8), and a head for height x width positions.
OnnxModel with_head(std::int64_t height, std::int64_t width) {
  const std::int64_t positions = height * width;
  OnnxModel model;
  model.conv("conv", "picture", 3, 4, 8, 8);
  model.node("Flatten", "flat", {"conv"});
  model.weights("head.weight", {4 * positions, 5},
                test::pseudo_random("head", static_cast<std::size_t>(20 * positions), 0.5F));
  model.node("MatMul", "head", {"flat", "head.weight"});
  model.node("Softmax", "probabilities", {"head"});
  model.output("probabilities");
  return model;
}

TEST(RunSizes, AHeadRunsAtTheSizeThatTheFileDeclares) {
  auto model = with_head(6, 8);
  declare_size(model, kRareHeight, kRareWidth);
  const auto head = load_model(model, {"head"});
  ASSERT_TRUE(head.only_size());
  EXPECT_EQ(*head.only_size(), (PictureSize{kRareHeight, kRareWidth}));
  EXPECT_EQ(head.min_input_side(), kRareHeight);
  EXPECT_EQ(head.forward(at::rand({1, 3, kRareHeight, kRareWidth}))[0].sizes(),
            (std::vector<std::int64_t>{1, 5, 1, 1}));
  EXPECT_THROW(head.forward(at::rand({1, 3, kRareWidth, kRareWidth})), RenderError);
  EXPECT_FALSE(load_model(model, {"conv"}).only_size()) << "what comes before it runs anywhere";
}

TEST(RunSizes, AFileThatDeclaresNoneIsTriedAtUsualSizes) {
  EXPECT_EQ(load_model(with_head(28, 28), {"head"}).only_size(), (PictureSize{224, 224}));
  EXPECT_EQ(load_model(with_head(37, 37), {"head"}).only_size(), (PictureSize{299, 299}));
  EXPECT_EQ(load_model(with_head(32, 32), {"head"}).only_size(), (PictureSize{256, 256}))
      << "a power of two, which the search for the smallest picture comes by";
  EXPECT_THROW(load_model(with_head(7, 1), {"head"}), InputError);
}

TEST(RunSizes, EachLayerIsListedWithItsOwn) {
  auto model = with_head(6, 8);
  declare_size(model, kRareHeight, kRareWidth);
  const auto layers = listed(model);
  ASSERT_EQ(layers.size(), 4U);
  EXPECT_EQ(layers[0].name, "conv");
  EXPECT_FALSE(layers[0].only_size);
  EXPECT_EQ(layers[0].scale, 8);
  EXPECT_EQ(layers[2].name, "head");
  EXPECT_EQ(layers[2].only_size, (PictureSize{kRareHeight, kRareWidth}));
  EXPECT_EQ(layers[2].channels, 5);
}

TEST(RunSizes, ASizeThatIsAskedForHasToFit) {
  auto model = with_head(6, 8);
  declare_size(model, kRareHeight, kRareWidth);
  EXPECT_EQ(load_model(model, {"conv"}, 40).only_size(), (PictureSize{40, 40}));
  try {
    load_model(model, {"head"}, 40);
    FAIL() << "a head for 64x48 ran at 40x40";
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("cannot run on pictures of 40x40 (network.size)"));
    EXPECT_THAT(error.what(), testing::HasSubstr("they run at 64x48 alone"));
  }
}

TEST(RunSizes, ClassesAreWhatComesBeforeTheSoftmax) {
  auto model = with_head(28, 28);
  const auto picture = at::rand({1, 3, 224, 224});
  EXPECT_TRUE(at::equal(load_model(model, {kClassesLayer}).forward(picture)[0],
                        load_model(model, {"head"}).forward(picture)[0]));
}

/// A channel shuffle in two groups, as exporters write it for one size, before a convolution.
OnnxModel with_shuffle(std::int64_t height, std::int64_t width) {
  OnnxModel model;
  model.conv("conv", "picture", 3, 6, 3, 1, 1);
  model.integers("apart", {1, 2, 3, height, width});
  model.node("Reshape", "groups", {"conv", "apart"});
  test::set_ints(model.node("Transpose", "turned", {"groups"}), "perm", {0, 2, 1, 3, 4});
  model.integers("together", {1, -1, height, width});
  model.node("Reshape", "shuffled", {"turned", "together"});
  model.conv("last", "shuffled", 6, 4, 3, 1, 1);
  declare_size(model, height, width);
  return model;
}

TEST(OpenReshapes, AChannelShuffleRunsAtEverySize) {
  const auto model = with_shuffle(kRareHeight, kRareWidth);
  const auto network = load_model(model, {"conv", "shuffled"});
  EXPECT_FALSE(network.only_size());
  for (const auto& [height, width] :
       {std::pair{kRareHeight, kRareWidth}, std::pair{std::int64_t{17}, std::int64_t{30}}}) {
    const auto maps = network.forward(at::rand({2, 3, height, width}));
    const auto expected =
        maps[0].reshape({2, 2, 3, height, width}).transpose(1, 2).reshape({2, 6, height, width});
    EXPECT_TRUE(at::equal(maps[1], expected)) << height << "x" << width;
  }
  for (const auto& layer : listed(model)) EXPECT_FALSE(layer.only_size) << layer.name;
}

TEST(OpenReshapes, WhatCannotBeToldApartStaysAsItIs) {
  OnnxModel model;  // rows of positions become a map: which side is which?
  model.conv("conv", "picture", 3, 6, 1, 1, 0);
  model.integers("rows", {1, 6, kRareHeight * kRareWidth});
  model.node("Reshape", "flat", {"conv", "rows"});
  model.integers("map", {1, 6, kRareHeight, kRareWidth});
  model.node("Reshape", "again", {"flat", "map"});
  declare_size(model, kRareHeight, kRareWidth);
  EXPECT_FALSE(load_model(model, {"flat"}).only_size());
  EXPECT_EQ(load_model(model, {"again"}).only_size(), (PictureSize{kRareHeight, kRareWidth}));
}

/// Patches of 8 px as tokens after a class token, and then a layer on them.
OnnxModel with_tokens() {
  OnnxModel model;
  model.conv("patches", "picture", 3, 6, 8, 8);
  model.integers("rows", {1, 6, 48});
  model.node("Reshape", "flat", {"patches", "rows"});
  test::set_ints(model.node("Transpose", "tokens", {"flat"}), "perm", {0, 2, 1});
  model.weights("class_token", {1, 1, 6}, test::pseudo_random("token", 6, 1));
  test::set_int(model.node("Concat", "all", {"class_token", "tokens"}), "axis", 1);
  model.weights("places", {1, 49, 6}, test::pseudo_random("places", 294, 1));
  model.node("Add", "placed", {"all", "places"});
  model.weights("layer.weight", {6, 5}, test::pseudo_random("layer", 30, 1));
  model.node("MatMul", "layer", {"placed", "layer.weight"});
  declare_size(model, kRareHeight, kRareWidth);
  return model;
}

TEST(ChannelAxes, TokensAreAMapOfTheirPatches) {
  const auto model = with_tokens();
  const auto network = load_model(model, {"patches", "tokens", "layer"});
  EXPECT_EQ(network.only_size(), (PictureSize{kRareHeight, kRareWidth}));
  const auto maps = network.forward(at::rand({1, 3, kRareHeight, kRareWidth}));
  EXPECT_EQ(maps[1].sizes(), maps[0].sizes());
  EXPECT_TRUE(at::equal(maps[1], maps[0]));
  EXPECT_EQ(maps[2].sizes(), (std::vector<std::int64_t>{1, 5, 6, 8})) << "without the class token";
  const auto layers = listed(model);
  EXPECT_EQ(layers.back().channels, 5);
  EXPECT_EQ(layers.back().scale, 8);
}

TEST(ChannelAxes, ChannelsThatAreLastCanBeCut) {
  const test::ScratchDir folder;
  LoadOptions options;
  options.path = with_tokens().write(folder.path() / "model.onnx");
  options.layers = {"layer"};
  options.ablated = {"layer"};
  auto network = Network::load(options);
  ASSERT_EQ(network.ablatable()[0].channels, 5);
  const auto picture = at::rand({1, 3, kRareHeight, kRareWidth});
  const auto whole = network.forward(picture)[0];
  network.set_ablation(0, {1, 0, 1, 1, 0.5F});
  const auto cut = network.forward(picture)[0];
  EXPECT_EQ(cut.select(1, 1).abs().max().item<float>(), 0);
  EXPECT_TRUE(at::equal(cut.select(1, 0), whole.select(1, 0)));
  EXPECT_TRUE(at::allclose(cut.select(1, 4), whole.select(1, 4) * 0.5));
}

TEST(ChannelAxes, ChannelsLastIsTurned) {
  OnnxModel model;
  model.conv("conv", "picture", 3, 6, 4, 4);
  test::set_ints(model.node("Transpose", "turned", {"conv"}), "perm", {0, 2, 3, 1});
  model.weights("weight", {6, 5}, test::pseudo_random("weight", 30, 1));
  model.node("MatMul", "layer", {"turned", "weight"});
  const auto network = load_model(model, {"conv", "turned", "layer"});
  const auto maps = network.forward(at::rand({1, 3, 40, 60}));
  EXPECT_TRUE(at::equal(maps[0], maps[1]));
  EXPECT_EQ(maps[2].sizes(), (std::vector<std::int64_t>{1, 5, 10, 15}));
  EXPECT_EQ(listed(model).back().channels, 5);
  EXPECT_EQ(listed(model).back().scale, 4);
}

// Swin's export has such padding, which depends on the picture's size.
TEST(HostValues, PaddingThatIsComputedInThePassIsNoProblem) {
  OnnxModel model;
  model.conv("conv", "picture", 3, 4, 4, 4);
  model.node("Shape", "sizes", {"conv"});
  model.integers("two", {2});
  model.node("Mod", "odd", {"sizes", "two"});  // (0,0,h%2,w%2) of one picture and 4 channels
  model.integers("first", {1});
  model.node("Mod", "none", {"sizes", "first"});
  test::set_int(model.node("Concat", "pads", {"none", "odd"}), "axis", 0);
  model.node("Pad", "even", {"conv", "pads"});
  const auto network = load_model(model, {"even"});
  EXPECT_EQ(network.forward(at::rand({2, 3, 20, 28}))[0].sizes(), (std::vector<std::int64_t>{2, 4, 6, 8}));
  EXPECT_NE(network.receptive_fields(20, 28)[0].blocker, "");
}

TEST(HostValues, AMaskMadeOfTheSizeIsTakenInTheNetworksType) {
  OnnxModel model;  // as in attention masks: depends on the size, and is added to a map
  model.conv("conv", "picture", 3, 4, 4, 4);
  model.node("Shape", "sizes", {"conv"});
  model.node("ConstantOfShape", "mask", {"sizes"});
  auto& value = *model.graph().mutable_node(2)->add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
  value.mutable_t()->add_dims(1);
  value.mutable_t()->add_float_data(0.5F);
  model.node("Add", "masked", {"conv", "mask"});
  const test::ScratchDir folder;
  LoadOptions options;
  options.path = model.write(folder.path() / "model.onnx");
  options.layers = {"conv", "masked"};
  options.precision = Precision::fp64;
  const auto network = Network::load(options);
  EXPECT_FALSE(network.only_size());
  const auto maps = network.forward(at::rand({1, 3, 20, 28}, at::kDouble));
  EXPECT_EQ(maps[1].scalar_type(), at::kDouble);
  EXPECT_TRUE(at::allclose(maps[1], maps[0] + 0.5));
}

}  // namespace
}  // namespace dreamreel::network
