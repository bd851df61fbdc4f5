// What is known of a program before its plan is made.
#include "fused_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan_parts.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kFactsSide = 16;

/// conv - relu
OnnxModel conv_and_relu() {
  OnnxModel model;
  model.conv("conv", "picture", 3, 4, 3, 1, 1);
  model.node("Relu", "relu", {"conv"});
  return model;
}

TEST(PlanFacts, TellWhoReadsWhichValue) {
  const PlanParts parts(conv_and_relu(), {"relu"});
  const auto key = key_for(kFactsSide);
  const auto facts = find_plan_facts(parts.source, key);
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->users_of(parts.value("picture")), ElementsAre(parts.step("conv")));
  EXPECT_THAT(facts->users_of(parts.value("conv")), ElementsAre(parts.step("relu")));
  EXPECT_TRUE(facts->is_wanted(parts.value("relu")));
  EXPECT_FALSE(facts->is_wanted(parts.value("conv")));
  const auto map = facts->map_of(parts.value("conv"));
  ASSERT_TRUE(map);
  EXPECT_EQ(map->channels, 4);
  EXPECT_EQ(map->height, kFactsSide);
}

TEST(PlanFacts, AStepThatLeadsToNoNeededValueDoesNotRun) {
  const PlanParts parts(conv_and_relu(), {"conv", "relu"});
  auto key = key_for(kFactsSide);
  key.needed = {true, false};
  const auto facts = find_plan_facts(parts.source, key);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->runs[parts.step("conv")]);
  EXPECT_FALSE(facts->runs[parts.step("relu")]);
  EXPECT_THAT(facts->users_of(parts.value("conv")), IsEmpty());
  EXPECT_FALSE(facts->is_wanted(parts.value("relu")));
}

TEST(PlanFacts, StepsThatComputeTheSizeOfAResizeDoNotRun) {
  OnnxModel model;
  model.conv("small", "picture", 3, 4, 3, 2, 1);
  model.conv("large", "picture", 3, 4, 3, 1, 1);
  model.node("Shape", "shape", {"large"});
  model.node("Resize", "resized", {"small", "", "", "shape"});
  const PlanParts parts(model, {"resized"});
  const auto key = key_for(kFactsSide);
  const auto facts = find_plan_facts(parts.source, key);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(is_native_resize(*facts, parts.step("resized")));
  EXPECT_TRUE(facts->runs[parts.step("resized")]);
  EXPECT_TRUE(facts->runs[parts.step("small")]);
  EXPECT_FALSE(facts->runs[parts.step("shape")]);
  EXPECT_FALSE(facts->runs[parts.step("large")]) << "only the shape needs it";
}

TEST(PlanFacts, AUsedValueWithoutAKnownSizeGivesNone) {
  OnnxModel model;
  model.conv("wide", "picture", 3, 4, 5);
  model.node("Relu", "relu", {"wide"});
  const PlanParts parts(model, {"relu"});
  const auto fits = key_for(5), too_small = key_for(4);
  EXPECT_TRUE(find_plan_facts(parts.source, fits));
  EXPECT_FALSE(find_plan_facts(parts.source, too_small));
}

TEST(PlanFacts, OnlyOnePictureOfFourDimensionsIsAMap) {
  OnnxModel model;
  model.conv("conv", "picture", 3, 4, 3, 1, 1);
  model.node("Flatten", "flat", {"conv"});
  const PlanParts parts(model, {"flat"});
  const auto key = key_for(kFactsSide);
  const auto facts = find_plan_facts(parts.source, key);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->map_of(parts.value("conv")));
  EXPECT_FALSE(facts->map_of(parts.value("flat")));
}

}  // namespace
}  // namespace dreamreel::network
