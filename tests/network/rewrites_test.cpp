#include "rewrites.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_model.h"
#include "shapes.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::pseudo_random;
using testing::ElementsAre;

std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> ops;
  for (const auto& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

ValueId find(const Graph& graph, const std::string& name) {
  const auto entry = std::ranges::find(graph.value_names, name);
  return static_cast<ValueId>(entry - graph.value_names.begin());
}

at::Tensor run_graph(const Graph& graph, const at::Tensor& picture) {
  return run(compile(graph, graph.outputs, {at::kCPU, at::kFloat}), {picture}, "test.onnx").at(0);
}

/// conv1 - bn1 - relu1 - bn2
OnnxModel model_with_batch_norms() {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3, 1, 1);
  for (const std::string bn : {"bn1", "bn2"}) {
    model.weights(bn + ".scale", {4}, pseudo_random(bn + "s", 4, 2));
    model.weights(bn + ".bias", {4}, pseudo_random(bn + "b", 4, 1));
    model.weights(bn + ".mean", {4}, pseudo_random(bn + "m", 4, 1));
    model.weights(bn + ".var", {4}, {0.5F, 1.0F, 2.0F, 0.001F});
    const auto input = bn == "bn1" ? "conv1" : "relu1";
    auto& node =
        model.node("BatchNormalization", bn, {input, bn + ".scale", bn + ".bias", bn + ".mean", bn + ".var"});
    test::set_float(node, "epsilon", 1e-3F);
    if (bn == "bn1") model.node("Relu", "relu1", {"bn1"});
  }
  model.output("bn2");
  return model;
}

TEST(FoldBatchNorms, ChangesNothingButTheNodes) {
  auto graph = graph_of(model_with_batch_norms());
  const auto picture = at::rand({1, 3, 9, 7});
  const auto expected = run_graph(graph, picture);
  const auto wanted = graph.outputs;
  fold_batch_norms(graph, wanted);
  EXPECT_THAT(ops_of(graph), ElementsAre("Conv", "Relu", kScaleShiftOp));
  // Each folded weight is rounded once.
  EXPECT_TRUE(
      at::allclose(run_graph(graph, picture), expected, 1e-5, 1e-5 * expected.abs().max().item<double>()));
}

TEST(FoldBatchNorms, LeavesConvolutionsThatOthersLookAt) {
  auto graph = graph_of(model_with_batch_norms());
  const auto conv = find(graph, "conv1");
  fold_batch_norms(graph, {conv, graph.outputs[0]});
  EXPECT_THAT(ops_of(graph), ElementsAre("Conv", kScaleShiftOp, "Relu", kScaleShiftOp));
}

OnnxModel model_with_pool(std::int64_t to, std::int64_t counts_padding) {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 8, 3);
  auto& pool = model.node("AveragePool", "pool", {"conv1"});
  test::set_ints(pool, "kernel_shape", {3, 3});
  test::set_ints(pool, "pads", {1, 1, 1, 1});
  test::set_int(pool, "count_include_pad", counts_padding);
  model.conv("conv2", "pool", 8, to, 1);
  model.node("Relu", "relu2", {"conv2"});
  model.output("relu2");
  return model;
}

TEST(PoolWhatIsSmaller, ChangesTheOrderAlone) {
  auto graph = graph_of(model_with_pool(4, 0));
  const auto picture = at::rand({1, 3, 9, 7});
  const auto expected = run_graph(graph, picture);
  const auto conv2 = find(graph, "conv2");
  pool_what_is_smaller(graph, {graph.outputs[0], conv2});
  EXPECT_THAT(ops_of(graph), ElementsAre("Conv", "Conv", "AveragePool", "Relu"));
  EXPECT_THAT(graph.nodes[2].outputs, ElementsAre(conv2)) << "who asks for the convolution gets what it was";
  EXPECT_TRUE(at::allclose(run_graph(graph, picture), expected, 1e-5, 1e-6));
}

TEST(PoolWhatIsSmaller, OnlyWhereItIsTheSameAndPays) {
  const auto is_left = [](const OnnxModel& model, const std::string& wanted) {
    auto graph = graph_of(model);
    pool_what_is_smaller(graph, {find(graph, wanted), graph.outputs[0]});
    return ops_of(graph)[1] == "AveragePool";
  };
  EXPECT_FALSE(is_left(model_with_pool(4, 0), "relu2"));
  EXPECT_TRUE(is_left(model_with_pool(8, 0), "relu2")) << "no fewer channels";
  EXPECT_TRUE(is_left(model_with_pool(4, 1), "relu2")) << "means that count zeros around the map";
  EXPECT_TRUE(is_left(model_with_pool(4, 0), "pool")) << "somebody looks at the means";
}

TEST(Cut, KeepsOnlyWhatIsNeeded) {
  auto graph = graph_of(model_with_batch_norms());
  cut(graph, {find(graph, "relu1")});
  EXPECT_THAT(ops_of(graph), ElementsAre("Conv", "BatchNormalization", "Relu"));
  EXPECT_EQ(graph.constants.size(), 6U);
  EXPECT_EQ(graph.inputs.size(), 1U);
}

TEST(ReuseReluInputs, OnlyWhereNobodyElseLooks) {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3);
  model.node("Relu", "relu1", {"conv1"});  // only it reads conv1: in place
  model.conv("conv2", "relu1", 4, 4, 3);
  model.node("Relu", "relu2", {"conv2"});  // conv2 is wanted, too
  model.conv("conv3", "relu2", 4, 4, 3);
  model.node("Relu", "relu3", {"conv3"});  // conv3 is also added below
  model.node("Add", "sum", {"relu3", "conv3"});
  model.node("Sigmoid", "sigmoid", {"sum"});
  model.node("Relu", "relu4", {"sigmoid"});  // the sigmoid's gradient reads its result
  model.output("relu4");
  auto graph = graph_of(model);
  reuse_relu_inputs(graph, {find(graph, "conv2"), find(graph, "relu4")});
  EXPECT_THAT(ops_of(graph),
              ElementsAre("Conv", kReluInPlaceOp, "Conv", "Relu", "Conv", "Relu", "Add", "Sigmoid", "Relu"));
}

/// conv1 has 8-bit weights, with one scale for each filter or one for all.
OnnxModel quantised_model(bool per_filter, onnx::TensorProto::DataType type) {
  OnnxModel model;
  model.conv("conv1", "picture", 3, 2, 1);
  auto& stored = *model.graph().mutable_initializer(0);
  stored.clear_float_data();
  stored.set_name("stored");
  stored.set_data_type(type);
  for (int i = 0; i < 6; ++i) stored.add_int32_data(type == onnx::TensorProto::INT8 ? 40 * i - 100 : 50 * i);
  model.weights("scale", per_filter ? std::vector<std::int64_t>{2} : std::vector<std::int64_t>{},
                per_filter ? std::vector<float>{0.5F, 0.25F} : std::vector<float>{0.5F});
  auto& zero = *model.graph().add_initializer();
  zero.set_name("zero");
  zero.set_data_type(type);
  if (per_filter) zero.add_dims(2);
  for (int i = 0; i < (per_filter ? 2 : 1); ++i) zero.add_int32_data(7 + i);
  onnx::NodeProto dequantize;
  dequantize.set_op_type("DequantizeLinear");
  for (const auto* input : {"stored", "scale", "zero"}) dequantize.add_input(input);
  dequantize.add_output("conv1.weight");
  test::set_int(dequantize, "axis", 0);
  auto& nodes = *model.graph().mutable_node();
  *nodes.Add() = dequantize;
  nodes.SwapElements(0, 1);
  model.output("conv1");
  return model;
}

TEST(FoldConstants, MakesNumbersOfEightBitWeights) {
  for (const bool per_filter : {false, true}) {
    for (const auto type : {onnx::TensorProto::INT8, onnx::TensorProto::UINT8}) {
      auto graph = graph_of(quantised_model(per_filter, type));
      fold_constants(graph);
      EXPECT_THAT(ops_of(graph), ElementsAre("Conv"));
      const auto weights = graph.constants.at(find(graph, "conv1.weight")).view({6});
      for (int i = 0; i < 6; ++i) {
        const auto filter = per_filter ? i / 3 : 0;
        const auto stored = type == onnx::TensorProto::INT8 ? 40 * i - 100 : 50 * i;
        EXPECT_EQ(weights[i].item<float>(), (stored - 7 - filter) * (filter == 0 ? 0.5F : 0.25F));
      }
    }
  }
}

TEST(FoldConstants, LeavesWhatFollowsFromThePictureOrFails) {
  OnnxModel model;
  model.node("Shape", "shape", {"picture"});
  model.integers("huge", {1 << 20, 1 << 20, 1 << 20});
  model.node("ConstantOfShape", "mountain", {"huge"});
  model.output("mountain");
  auto graph = graph_of(model);
  fold_constants(graph);
  EXPECT_THAT(ops_of(graph), ElementsAre("Shape", "ConstantOfShape"));
}

TEST(FoldConstants, LeavesWhatGrowsOutOfNothing) {
  OnnxModel model(13);
  model.integers("side", {2048, 2048});
  model.integers("line", {1 << 20});
  model.node("ConstantOfShape", "plane", {"side"});
  model.node("ConstantOfShape", "row", {"line"});
  test::set_int(model.node("Concat", "two", {"row", "row", "row"}), "axis", 0);
  test::set_int(model.node("Concat", "many", {"two", "two"}), "axis", 0);
  model.integers("far", {1 << 23});
  model.node("ConstantOfShape", "too_long", {"far"});
  auto& stored = model.node("Constant", "stored", {});  // may have any size
  auto& value = *stored.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(onnx::TensorProto::INT8);
  value.mutable_t()->add_dims(1 << 23);
  value.mutable_t()->set_raw_data(std::string(1 << 23, '\1'));
  test::set_int(model.node("Cast", "cast", {"stored"}), "to", onnx::TensorProto::FLOAT);
  auto graph = graph_of(model);
  fold_constants(graph);
  std::vector<std::string> left;
  for (const auto& node : graph.nodes) left.push_back(node.name);
  EXPECT_EQ(left, (std::vector<std::string>{"many", "too_long"}));
}

TEST(ShapeFinder, RefusesNumbersOfShapesThatGrow) {
  OnnxModel model(11);
  model.node("Shape", "shape", {"picture"});
  test::set_int(model.node("Cast", "numbers", {"shape"}), "to", onnx::TensorProto::FLOAT);
  model.weights("scale", {1}, {250'000.0F});
  model.node("Resize", "long", {"numbers", "", "scale"});
  model.integers("column", {1, -1});
  model.integers("row", {-1, 1});
  model.node("Reshape", "a", {"long", "column"});
  model.node("Reshape", "b", {"long", "row"});
  model.node("Mul", "plane", {"a", "b"});  // 10^12 numbers
  const auto shapes = ShapeFinder(graph_of(model)).find({1, 3, 8, 8});
  EXPECT_NE(shapes.first_failure.find("absurd"), std::string::npos) << shapes.first_failure;
}

}  // namespace
}  // namespace dreamreel::network
