// How nodes are joined to a graph, and where values change between maps and tensors.
#include "fused_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan_parts.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using testing::ElementsAre;
using Role = PlanNode::Role;

constexpr std::int64_t kGraphSide = 16;

std::vector<Role> roles_of(const PlanGraph& graph) {
  std::vector<Role> roles;
  for (const auto& node : graph.nodes) roles.push_back(node.role);
  return roles;
}

// Without convolutions, the graph is the same on every processor.
TEST(PlanGraph, ATensorIsImportedOnceAndAMapExportedOnce) {
  OnnxModel model(14);
  model.node("Relu", "a", {"picture"});
  model.node("HardSwish", "b", {"picture"});
  model.node("Add", "sum", {"a", "b"});
  model.node("Sigmoid", "first", {"sum"});
  model.node("Tanh", "second", {"sum"});
  const PlanParts parts(model, {"first", "second", "sum"});
  const auto graph = make_plan_graph(parts.source, key_for(kGraphSide));
  ASSERT_TRUE(graph);
  EXPECT_THAT(roles_of(*graph), ElementsAre(Role::import_tensor, Role::native, Role::native, Role::native,
                                            Role::export_tensor, Role::island, Role::island));
  const auto& sum = graph->nodes[3];
  EXPECT_THAT(sum.inputs, ElementsAre(graph->nodes[1].output, graph->nodes[2].output));
  const auto& value = graph->values[static_cast<std::size_t>(sum.output)];
  EXPECT_EQ(value.id, parts.value("sum"));
  EXPECT_EQ(value.producer, 3);
  EXPECT_THAT(value.consumers, ElementsAre(4));
}

TEST(PlanGraph, AFusedActivationIsNoNode) {
  OnnxModel model(14);
  model.node("Relu", "a", {"picture"});
  model.node("HardSwish", "b", {"picture"});
  model.node("Add", "sum", {"a", "b"});
  model.node("Relu", "active", {"sum"});
  const PlanParts parts(model, {"active"});
  auto key = key_for(kGraphSide);
  key.scaled = {parts.value("active")};
  const auto graph = make_plan_graph(parts.source, key);
  ASSERT_TRUE(graph);
  EXPECT_THAT(roles_of(*graph), ElementsAre(Role::import_tensor, Role::native, Role::native, Role::native,
                                            Role::export_tensor));
  const auto& value = graph->values[static_cast<std::size_t>(graph->nodes[3].output)];
  EXPECT_EQ(value.id, parts.value("active"));
  EXPECT_EQ(value.mask.kind, Epilogue::Kind::relu);
  EXPECT_TRUE(value.scaled);
}

TEST(PlanGraph, AnUnknownSizeGivesNone) {
  OnnxModel model(14);
  model.conv("conv", "picture", 3, 4, 5);
  const PlanParts parts(model, {"conv"});
  EXPECT_FALSE(make_plan_graph(parts.source, key_for(4)));
}

}  // namespace
}  // namespace dreamreel::network
