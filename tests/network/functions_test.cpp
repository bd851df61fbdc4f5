// Functions in a file. A network that calls them equals the network with their nodes in place.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

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

constexpr const char* kDomain = "pkg.example";

onnx::FunctionProto& add_function(OnnxModel& model, const std::string& name,
                                  const std::vector<std::string>& inputs,
                                  const std::vector<std::string>& outputs) {
  auto& function = *model.proto().add_functions();
  function.set_domain(kDomain);
  function.set_name(name);
  for (const auto& input : inputs) function.add_input(input);
  for (const auto& output : outputs) function.add_output(output);
  function.add_opset_import()->set_version(17);
  return function;
}

onnx::NodeProto& add_node(onnx::FunctionProto& function, const std::string& op,
                          const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                          const std::string& domain = "") {
  auto& node = *function.add_node();
  node.set_op_type(op);
  node.set_domain(domain);
  for (const auto& input : inputs) node.add_input(input);
  for (const auto& output : outputs) node.add_output(output);
  return node;
}

onnx::NodeProto& call(OnnxModel& model, const std::string& function, const std::string& name,
                      const std::vector<std::string>& inputs, const std::string& output) {
  auto& node = model.node(function, name, inputs);
  node.set_domain(kDomain);
  node.set_output(0, output);
  return node;
}

void refer(onnx::NodeProto& node, const std::string& name, const std::string& to) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_ref_attr_name(to);
  attribute.set_type(onnx::AttributeProto::FLOAT);
}

onnx::FunctionProto& add_conv_relu(OnnxModel& model) {
  auto& function = add_function(model, "conv_relu", {"x", "k", "bias"}, {"y"});
  add_node(function, "Conv", {"x", "k", "bias"}, {"c"});
  add_node(function, "Relu", {"c"}, {"y"});
  return function;
}

/// Two calls. The second one has no bias.
OnnxModel two_blocks() {
  OnnxModel model(17);
  add_conv_relu(model);
  model.weights("k1", {4, 3, 3, 3}, test::pseudo_random("k1", 108, 0.3F));
  model.weights("b1", {4}, test::pseudo_random("b1", 4, 0.3F));
  model.weights("k2", {2, 4, 1, 1}, test::pseudo_random("k2", 8, 0.3F));
  call(model, "conv_relu", "block1", {"picture", "k1", "b1"}, "a");
  call(model, "conv_relu", "block2", {"a", "k2"}, "out");
  model.output("out");
  return model;
}

OnnxModel two_blocks_without_functions() {
  OnnxModel model(17);
  model.weights("k1", {4, 3, 3, 3}, test::pseudo_random("k1", 108, 0.3F));
  model.weights("b1", {4}, test::pseudo_random("b1", 4, 0.3F));
  model.weights("k2", {2, 4, 1, 1}, test::pseudo_random("k2", 8, 0.3F));
  model.node("Conv", "c1", {"picture", "k1", "b1"});
  model.node("Relu", "a", {"c1"});
  model.node("Conv", "c2", {"a", "k2"});
  model.node("Relu", "out", {"c2"});
  model.output("out");
  return model;
}

at::Tensor activation(const OnnxModel& model, const std::string& layer) {
  const ScratchDir scratch;
  return Network::load({model.write(scratch / "net.onnx"), {}, {layer}}).forward(signed_picture(8, 9)).at(0);
}

TEST(Functions, AreTheirNodesInPlaceOfTheirCalls) {
  const auto expected = activation(two_blocks_without_functions(), "out");
  EXPECT_GT(expected.abs().max().item<float>(), 0);
  for (const auto* name : {"block2/y", "block2", "out"})
    EXPECT_TRUE(at::equal(activation(two_blocks(), name), expected)) << name;
  EXPECT_TRUE(
      at::equal(activation(two_blocks(), "block1/c"), activation(two_blocks_without_functions(), "c1")));
}

TEST(Functions, HaveLayersNamedAfterTheirCalls) {
  const ScratchDir scratch;
  std::vector<std::string> names, tensors, aliases;
  for (const auto& layer : list_layers(two_blocks().write(scratch / "net.onnx"))) {
    EXPECT_TRUE(layer.usable);
    names.push_back(layer.name);
    tensors.push_back(layer.tensor);
    aliases.insert(aliases.end(), layer.aliases.begin(), layer.aliases.end());
  }
  EXPECT_THAT(names, ElementsAre("block1/c", "block1/y", "block2/c", "block2/y"));
  EXPECT_THAT(tensors, ElementsAre("block1/c", "a", "block2/c", "out"));
  EXPECT_THAT(aliases, ElementsAre("block1", "block2"));
}

TEST(Functions, CallOthersAndHandOnAttributes) {
  OnnxModel model(17);
  auto& leaky = add_function(model, "leaky", {"x"}, {"y"});
  leaky.add_attribute("slope");
  refer(add_node(leaky, "LeakyRelu", {"x"}, {"y"}), "alpha", "slope");
  auto& outer = add_function(model, "outer", {"x"}, {"y"});
  outer.add_attribute("steepness");
  refer(add_node(outer, "leaky", {"x"}, {"z"}, kDomain), "slope", "steepness");
  add_node(outer, "leaky", {"z"}, {"y"}, kDomain);  // LeakyRelu's own default, 0.01
  test::set_float(call(model, "outer", "top", {"picture"}, "out"), "steepness", 0.5F);
  const auto x = signed_picture(8, 9);
  EXPECT_TRUE(at::allclose(run_model(model, x, "out"), at::leaky_relu(at::leaky_relu(x, 0.5), 0.01)));
}

TEST(Functions, AttributesMayHaveDefaults) {
  OnnxModel model(17);
  auto& leaky = add_function(model, "leaky", {"x"}, {"y"});
  onnx::AttributeProto slope;
  slope.set_name("slope");
  slope.set_type(onnx::AttributeProto::FLOAT);
  slope.set_f(0.25F);
  leaky.mutable_unknown_fields()->AddLengthDelimited(11, slope.SerializeAsString());
  refer(add_node(leaky, "LeakyRelu", {"x"}, {"y"}), "alpha", "slope");
  call(model, "leaky", "plain", {"picture"}, "a");
  test::set_float(call(model, "leaky", "other", {"picture"}, "b"), "slope", 0.75F);
  EXPECT_TRUE(
      at::equal(run_model(model, signed_picture(8, 9), "a"), at::leaky_relu(signed_picture(8, 9), 0.25)));
  EXPECT_TRUE(
      at::equal(run_model(model, signed_picture(8, 9), "b"), at::leaky_relu(signed_picture(8, 9), 0.75)));
}

TEST(Functions, OfOneNameAreToldApartByTheirOverloads) {
  OnnxModel model(17);
  for (const auto* op : {"Relu", "Tanh"}) {
    auto& function = add_function(model, "act", {"x"}, {"y"});
    function.mutable_unknown_fields()->AddLengthDelimited(13, op);
    add_node(function, op, {"x"}, {"y"});
  }
  call(model, "act", "first", {"picture"}, "a").mutable_unknown_fields()->AddLengthDelimited(8, "Relu");
  call(model, "act", "second", {"picture"}, "b").mutable_unknown_fields()->AddLengthDelimited(8, "Tanh");
  EXPECT_TRUE(at::equal(run_model(model, signed_picture(8, 9), "a"), at::relu(signed_picture(8, 9))));
  EXPECT_TRUE(at::equal(run_model(model, signed_picture(8, 9), "b"), at::tanh(signed_picture(8, 9))));
}

TEST(Functions, KeepTheirOwnOpset) {
  OnnxModel model(18);
  auto& function = add_function(model, "old", {"x"}, {"y"});
  function.mutable_opset_import(0)->set_version(12);
  test::set_int(add_node(function, "Softmax", {"x"}, {"y"}), "axis", 1);
  call(model, "old", "old", {"picture"}, "out");
  const auto found = run_model(model, signed_picture(8, 9), "out");
  EXPECT_NEAR(found.sum().item<float>(), 1, 1e-4) << "over all the rest, as until opset 12";
}

TEST(Functions, MayGiveBackWhatTheyAreGiven) {
  OnnxModel model(17);
  auto& function = add_function(model, "both", {"x"}, {"x", "y"});
  add_node(function, "Relu", {"x"}, {"y"});
  call(model, "both", "both", {"picture"}, "same").add_output("relu");
  model.node("Add", "sum", {"same", "relu"});
  model.output("sum");
  EXPECT_TRUE(at::equal(run_model(model, signed_picture(8, 9), "sum"),
                        signed_picture(8, 9) + at::relu(signed_picture(8, 9))));
}

std::string refusal(const OnnxModel& model) {
  try {
    graph_of(model);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Functions, ThatCallThemselvesAreRefused) {
  OnnxModel model(17);
  add_node(add_function(model, "again", {"x"}, {"y"}), "again", {"x"}, {"y"}, kDomain);
  call(model, "again", "start", {"picture"}, "out");
  EXPECT_THAT(refusal(model), HasSubstr("without end"));
}

// Thirty functions, each of which calls the one before twice. A kilobyte would become a billion nodes.
TEST(Functions, ThatBecomeTooManyNodesAreRefused) {
  for (const bool has_nodes : {true, false}) {
    OnnxModel model(17);
    auto& first = add_function(model, "f0", {"x"}, {has_nodes ? "y" : "x"});
    if (has_nodes) add_node(first, "Relu", {"x"}, {"y"});
    for (int i = 1; i <= 30; ++i) {
      const auto before = "f" + std::to_string(i - 1);
      auto& function = add_function(model, "f" + std::to_string(i), {"x"}, {"y"});
      add_node(function, before, {"x"}, {"z"}, kDomain);
      add_node(function, before, {"z"}, {"y"}, kDomain);
    }
    call(model, "f30", "start", {"picture"}, "out");
    EXPECT_THAT(refusal(model), HasSubstr("nodes")) << has_nodes;
  }
}

TEST(Functions, ThatAreDamagedAreRefusedByName) {
  auto model = two_blocks();
  model.proto().mutable_functions(0)->mutable_node(1)->set_input(0, "nowhere");
  EXPECT_THAT(refusal(model), HasSubstr("'block1/nowhere'"));
  model = two_blocks();
  model.proto().mutable_functions(0)->mutable_node(1)->set_output(0, "c");
  EXPECT_THAT(refusal(model), HasSubstr("twice"));
  model = two_blocks();
  model.proto().mutable_functions(0)->set_output(0, "nothing");
  EXPECT_THAT(refusal(model), HasSubstr("'block1/nothing'"));
  model = two_blocks();
  add_conv_relu(model);
  EXPECT_THAT(refusal(model), HasSubstr("there twice"));
  model = two_blocks();
  model.graph().mutable_node(0)->add_input("picture");
  EXPECT_THAT(refusal(model), HasSubstr("more inputs"));
}

}  // namespace
}  // namespace dreamreel::network
