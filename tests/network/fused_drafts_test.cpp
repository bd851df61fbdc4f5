// Which node a step becomes, and which activation function is fused into it.
#include "fused_drafts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fused_skip.h"
#include "plan_parts.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using testing::ElementsAre;

constexpr std::int64_t kDraftsSide = 16;

/// Two convolutions, their sum, and an activation function of the sum.
OnnxModel sum_with(const std::string& activation) {
  OnnxModel model;
  model.conv("a", "picture", 3, 8, 3, 1, 1);
  model.conv("b", "picture", 3, 8, 3, 1, 1);
  model.node("Add", "sum", {"a", "b"});
  model.node(activation, "active", {"sum"});
  return model;
}

std::optional<NodeDraft> draft_of(const PlanParts& parts, const PlanKey& key, const std::string& value,
                                  bool input_is_made = true) {
  const auto facts = find_plan_facts(parts.source, key);
  if (!facts) throw std::runtime_error("a size is not known");
  return draft_node(*facts, parts.step(value), input_is_made);
}

TEST(NodeDraft, AReluIsFusedIntoTheSumThatItAloneReads) {
  const PlanParts parts(sum_with("Relu"), {"active"});
  const auto sum = draft_of(parts, key_for(kDraftsSide), "sum");
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->node.epilogue.kind, Epilogue::Kind::relu);
  EXPECT_EQ(sum->result, parts.value("active"));
  EXPECT_EQ(sum->fused, parts.step("active"));
  EXPECT_THAT(sum->inputs, ElementsAre(parts.value("a"), parts.value("b")));
}

TEST(NodeDraft, AWantedOrScaledResultKeepsItsActivationApart) {
  const PlanParts wanted(sum_with("Relu"), {"active", "sum"});
  const PlanParts plain(sum_with("Relu"), {"active"});
  auto scales = key_for(kDraftsSide);
  scales.scaled = {plain.value("sum")};
  for (const auto& sum : {draft_of(wanted, key_for(kDraftsSide), "sum"), draft_of(plain, scales, "sum")}) {
    ASSERT_TRUE(sum);
    EXPECT_EQ(sum->node.epilogue.kind, Epilogue::Kind::none);
    EXPECT_FALSE(sum->fused);
  }
}

TEST(NodeDraft, ASumTakesNoOtherActivationThanRelu) {
  const PlanParts parts(sum_with("LeakyRelu"), {"active"});
  const auto sum = draft_of(parts, key_for(kDraftsSide), "sum");
  ASSERT_TRUE(sum);
  EXPECT_FALSE(sum->fused);
  EXPECT_EQ(sum->result, parts.value("sum"));
}

TEST(NodeDraft, AScaledActivationIsAnIslandUnlessItIsARelu) {
  for (const std::string activation : {"Relu", "LeakyRelu"}) {
    const PlanParts parts(sum_with(activation), {"active"});
    auto key = key_for(kDraftsSide);
    key.scaled = {parts.value("active")};
    EXPECT_EQ(draft_of(parts, key, "active").has_value(), activation == "Relu") << activation;
  }
}

TEST(NodeDraft, AFactorComesBehindItsMap) {
  OnnxModel model;
  model.conv("map", "picture", 3, 8, 3, 1, 1);
  model.node("GlobalAveragePool", "factor", {"map"});
  model.node("Mul", "product", {"factor", "map"});
  const PlanParts parts(model, {"product"});
  const auto product = draft_of(parts, key_for(kDraftsSide), "product");
  ASSERT_TRUE(product);
  EXPECT_THAT(product->inputs, ElementsAre(parts.value("map"), parts.value("factor")));
}

TEST(NodeDraft, AnOperatorWithoutAKernelIsAnIsland) {
  const PlanParts parts(sum_with("Sigmoid"), {"active"});
  EXPECT_FALSE(draft_of(parts, key_for(kDraftsSide), "active"));
}

TEST(NodeDraft, AConvolutionReadsAPictureOnlyFromOutside) {
  DREAMREEL_NEEDS_FUSED("convolutions");
  const PlanParts parts(sum_with("Relu"), {"active"});
  const auto from_outside = draft_of(parts, key_for(kDraftsSide), "a", false);
  ASSERT_TRUE(from_outside);
  EXPECT_TRUE(from_outside->reads_picture);
  EXPECT_EQ(from_outside->node.convolution.in.format, Format::planar);
  const auto from_node = draft_of(parts, key_for(kDraftsSide), "a", true);
  EXPECT_TRUE(!from_node || !from_node->reads_picture);
}

}  // namespace
}  // namespace dreamreel::network
