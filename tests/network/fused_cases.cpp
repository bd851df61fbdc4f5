#include "fused_cases.h"

#include <utility>

namespace dreamreel::network {

using test::OnnxModel;

void concat(OnnxModel& model, const std::string& name, const std::vector<std::string>& inputs) {
  test::set_int(model.node("Concat", name, inputs), "axis", 1);
}

void conv_relu(OnnxModel& model, const std::string& name, const std::string& input, std::int64_t in,
               std::int64_t out, std::int64_t kernel, std::int64_t stride) {
  model.conv(name, input, in, out, kernel, stride, kernel / 2);
  model.node("Relu", name + "_relu", {name});
}

namespace {

void pool(OnnxModel& model, const std::string& op, const std::string& name, const std::string& input,
          std::int64_t kernel, std::int64_t stride, std::int64_t padding = 0) {
  auto& node = model.node(op, name, {input});
  test::set_ints(node, "kernel_shape", {kernel, kernel});
  test::set_ints(node, "strides", {stride, stride});
  test::set_ints(node, "pads", {padding, padding, padding, padding});
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

const std::vector<Case> kFusedCases{
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
     [](OnnxModel& m) {  // as in DenseNet: every concatenation contains the earlier ones
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
    {"PoolsBetweenWideConvolutions",
     {"c_relu", "e_relu"},
     [](OnnxModel& m) {  // masks on the smaller map; masks as results are stored; a mean moved
       conv_relu(m, "a", "picture", 3, 32, 3);
       conv_relu(m, "b", "a_relu", 32, 48, 3);
       pool(m, "MaxPool", "largest", "b_relu", 3, 2, 1);
       conv_relu(m, "c", "largest", 48, 64, 5);
       conv_relu(m, "d", "c_relu", 64, 48, 3);
       pool(m, "AveragePool", "mean", "c_relu", 3, 1, 1);
       conv_relu(m, "narrow", "mean", 64, 32, 1);
       concat(m, "all", {"d_relu", "narrow_relu"});
       conv_relu(m, "e", "all", 80, 32, 3);
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
     [](OnnxModel& m) {  // an LRN and others between, before and after
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

}  // namespace

const std::vector<Case>& fused_cases() {
  static const auto all = [] {
    auto cases = kFusedCases;
    for (auto& mobile : fused_mobile_cases()) cases.push_back(std::move(mobile));
    return cases;
  }();
  return all;
}

}  // namespace dreamreel::network
