// Networks with inputs beside the picture. Layers that do not depend on these inputs can be used.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "dreamreel/core/error.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;
using testing::HasSubstr;

void add_input(OnnxModel& model, const std::string& name, int type, const std::vector<std::int64_t>& dims) {
  auto& input = *model.graph().add_input();
  input.set_name(name);
  auto& tensor = *input.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (const auto dim : dims) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
}

/// A picture and words, each with layers of their own, and then their sum.
OnnxModel picture_and_words() {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3);
  model.node("Relu", "relu1", {"conv1"});
  model.node("GlobalAveragePool", "gap", {"relu1"});
  test::set_int(model.node("Cast", "words_as_numbers", {"words"}), "to", 1);
  test::set_int(model.node("ReduceMean", "mean", {"words_as_numbers"}), "keepdims", 0);
  model.node("Add", "both", {"gap", "mean"});
  add_input(model, "words", onnx::TensorProto::INT64, {2, 7});
  return model;
}

std::map<std::string, LayerInfo> layers_of(const OnnxModel& model) {
  const ScratchDir scratch;
  std::map<std::string, LayerInfo> layers;
  for (const auto& layer : list_layers(model.write(scratch / "net.onnx"))) layers[layer.name] = layer;
  return layers;
}

TEST(SeveralInputs, LayersThatNeedAnotherOneAreMarked) {
  auto model = picture_and_words();
  for (const bool swapped : {false, true}) {
    if (swapped) model.graph().mutable_input()->SwapElements(0, 1);
    auto layers = layers_of(model);
    for (const auto* name : {"conv1", "relu1", "gap"}) {
      EXPECT_TRUE(layers[name].usable) << name;
      EXPECT_EQ(layers[name].needs, "");
      EXPECT_EQ(layers[name].channels, 4);
    }
    EXPECT_EQ(layers["conv1"].scale, 1);
    for (const auto* name : {"words_as_numbers", "mean", "both"}) {
      EXPECT_FALSE(layers[name].usable) << name;
      EXPECT_EQ(layers[name].needs, "words");
    }
  }
}

TEST(SeveralInputs, LayersThatNeedNoOtherOneRun) {
  const ScratchDir scratch;
  const auto path = picture_and_words().write(scratch / "net.onnx");
  const auto network = Network::load({path, {}, {"relu1", "gap"}});
  EXPECT_EQ(network.forward(at::rand({1, 3, 8, 8})).at(1).sizes(), at::IntArrayRef({1, 4, 1, 1}));
  try {
    Network::load({path, {}, {"relu1", "both"}});
    FAIL() << "it was loaded";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(HasSubstr("'picture' and 'words'"), HasSubstr("one input, a picture")));
  }
}

TEST(SeveralInputs, ThePictureIsTheOneWithThreeChannels) {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3);
  add_input(model, "depth", onnx::TensorProto::FLOAT, {1, 1, 64, 64});
  add_input(model, "mask", onnx::TensorProto::FLOAT, {});
  model.conv("of_depth", "depth", 1, 2, 3);
  model.node("Relu", "of_mask", {"mask"});
  model.graph().mutable_input()->SwapElements(0, 2);
  auto layers = layers_of(model);
  EXPECT_TRUE(layers["conv1"].usable);
  EXPECT_EQ(layers["of_depth"].needs, "depth");
  EXPECT_EQ(layers["of_mask"].needs, "mask");
}

TEST(SeveralInputs, ANetworkWithoutAnyIsRefused) {
  OnnxModel model;
  model.weights("w", {1}, {1});
  model.node("Relu", "relu", {"w"});
  model.graph().clear_input();
  const ScratchDir scratch;
  EXPECT_THROW(list_layers(model.write(scratch / "net.onnx")), InputError);
}

}  // namespace
}  // namespace dreamreel::network
