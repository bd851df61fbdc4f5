#include "dreamreel/network/class_probabilities.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::network {
namespace {

constexpr double kProbabilityTolerance = 1e-6;  // float32

TEST(ClassProbabilities, AreSigmoidsOfMapsAndASoftmaxOfOnePositionWhereNothingTells) {
  const auto maps = at::tensor({0.0F, 2.0F, -3.0F, 1.0F, 0.5F, 4.0F}).view({1, 3, 1, 2});
  const auto scale = ClassScale::logits;
  EXPECT_TRUE(at::allclose(class_probabilities(maps, scale), maps[0].sigmoid(), 0, kProbabilityTolerance));
  const auto whole = at::tensor({0.0F, 2.0F, -3.0F}).view({1, 3, 1, 1});
  EXPECT_NEAR(class_probabilities(whole, scale).sum().item<double>(), 1, kProbabilityTolerance);
  const auto either = at::tensor({1.0F, 2.0F, 3.0F, 2.0F}).view({1, 2, 1, 2});  // background and person
  EXPECT_NEAR(class_probabilities(either, scale)[1][0][0].item<double>(), 1 / (1 + std::exp(-2.0)),
              kProbabilityTolerance);
}

TEST(ClassProbabilities, FollowTheirScale) {
  const auto maps = at::tensor({0.25F, 0.75F, 1.0F, 0.0F, 0.5F, 0.5F}).view({1, 3, 1, 2});
  EXPECT_TRUE(at::equal(class_probabilities(maps, ClassScale::probabilities), maps[0]));
  EXPECT_TRUE(at::allclose(class_probabilities(maps.log(), ClassScale::log_probabilities), maps[0], 0,
                           kProbabilityTolerance));
  EXPECT_TRUE(at::equal(class_probabilities(maps, ClassScale::separate_logits), maps[0].sigmoid()))
      << "logits, though they lie in [0,1]";
  EXPECT_TRUE(at::equal(class_probabilities(maps, ClassScale::exclusive_logits), maps[0].softmax(0)));
}

// Three maps, "maps", and the nodes that `add` puts before or after them.
class Scales : public testing::Test {
 protected:
  Scales() {
    model_.weights("w", {3, 3, 1, 1}, {10, 0, 0, 0, 10, 0, 0, 0, 10});
    model_.node("Conv", "maps", {"picture", "w"});
  }

  void add(const std::string& op, const std::string& name, const std::string& input) {
    auto& node = model_.node(op, name, {input});
    if (op == "Softmax" || op == "LogSoftmax") test::set_int(node, "axis", 1);
    if (op == "Transpose") test::set_ints(node, "perm", {0, 1, 3, 2});
  }

  ClassScale scale_of(const std::string& layer) {
    model_.graph().clear_output();
    model_.output(model_.graph().node(model_.graph().node_size() - 1).output(0));
    LoadOptions options;
    options.path = model_.write(folder_ / "model.onnx");
    options.layers = {layer};
    return class_scales(Network::load(options), options.path).at(0);
  }

  test::OnnxModel model_;
  test::ScratchDir folder_;
};

TEST_F(Scales, AreToldByWhatComesBefore) {
  EXPECT_EQ(scale_of("maps"), ClassScale::logits);
  add("Sigmoid", "rated", "maps");
  add("Transpose", "turned", "rated");
  EXPECT_EQ(scale_of("turned"), ClassScale::probabilities);
  EXPECT_EQ(scale_of("maps"), ClassScale::separate_logits);
}

TEST_F(Scales, AreToldByWhatComesBehind) {
  add("GlobalAveragePool", "whole", "maps");
  add("Softmax", "shares", "whole");
  EXPECT_EQ(scale_of("whole"), ClassScale::exclusive_logits);
  EXPECT_EQ(scale_of("maps"), ClassScale::exclusive_logits) << "a map of what the softmax is over";
  EXPECT_EQ(scale_of("shares"), ClassScale::probabilities);
}

TEST_F(Scales, OfALogSoftmaxAreLogarithms) {
  add("LogSoftmax", "logs", "maps");
  EXPECT_EQ(scale_of("logs"), ClassScale::log_probabilities);
}

TEST_F(Scales, AreTriedWhereTheFileDoesNotTell) {
  add("Exp", "powers", "maps");
  EXPECT_EQ(scale_of("powers"), ClassScale::logits) << "up to exp(10)";
  model_.node("Div", "shares", {"powers", "powers"});
  EXPECT_EQ(scale_of("shares"), ClassScale::probabilities);
}

TEST_F(Scales, AreTriedWhereWeightsMixProbabilities) {
  add("Sigmoid", "rated", "maps");
  model_.weights("halves", {3, 1, 1, 1}, {0.5, 0.5, 0.5});
  test::set_int(model_.node("Conv", "halved", {"rated", "halves"}), "group", 3);
  EXPECT_EQ(scale_of("halved"), ClassScale::probabilities);
}

TEST_F(Scales, AreTriedWhereProbabilitiesStandBesideOthers) {
  add("Sigmoid", "rated", "maps");
  test::set_int(model_.node("Concat", "both", {"maps", "rated"}), "axis", 1);
  EXPECT_EQ(scale_of("both"), ClassScale::logits) << "up to 10";
}

TEST_F(Scales, TheResultOfAFileHasATensor) {
  add("GlobalAveragePool", "whole", "maps");
  add("Softmax", "shares", "whole");
  scale_of("shares");
  EXPECT_EQ(tensors_of(folder_ / "model.onnx", {kClassesLayer, "maps"}),
            (std::vector<std::string>{"whole", "maps"}));
}

}  // namespace
}  // namespace dreamreel::network
