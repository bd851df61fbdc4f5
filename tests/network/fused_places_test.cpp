// Where maps lie: which maps share memory, and when each piece is in use.
#include "fused_places.h"

#include <gtest/gtest.h>

#include "kernels.h"

namespace dreamreel::network {
namespace {

constexpr std::int64_t kMapSide = 10;

/// Builds a graph from values and nodes one by one. Every node is native.
struct Drawing {
  const KernelsForTest blocks_of_16{Kernels::avx512};  // none is called; this sets the size of blocks
  PlanGraph graph;

  int add(NodeKind kind, std::int64_t channels, const std::vector<int>& inputs,
          Epilogue::Kind activation = Epilogue::Kind::none) {
    const auto here = static_cast<int>(graph.nodes.size());
    PlanNode node;
    node.kind = kind;
    node.inputs = inputs;
    node.output = static_cast<int>(graph.values.size());
    for (const auto input : inputs) value(input).consumers.push_back(here);
    PlanValue made;
    made.map = {channels, kMapSide, kMapSide, Format::blocked, at::kFloat};
    made.producer = here;
    made.mask.kind = activation;
    graph.values.push_back(made);
    graph.nodes.push_back(node);
    return node.output;
  }
  PlanValue& value(int i) { return graph.values[static_cast<std::size_t>(i)]; }
};

TEST(ShareMemory, PartsOfAConcatenationLieWithinIt) {
  Drawing drawing;
  const auto source = drawing.add(NodeKind::convolution, 16, {});
  const auto a = drawing.add(NodeKind::convolution, 32, {source});
  const auto b = drawing.add(NodeKind::convolution, 20, {source});
  const auto whole = drawing.add(NodeKind::concat, 52, {a, b});
  share_memory(drawing.graph);
  std::deque<Region> regions;
  Places places(drawing.graph, regions);
  const auto all = places.data(whole), first = places.data(a), second = places.data(b);
  EXPECT_EQ(first.region, all.region);
  EXPECT_EQ(second.region, all.region);
  EXPECT_EQ(first.extra, 0);
  EXPECT_EQ(second.extra, 32 * kMapSide * kMapSide * 4);
  EXPECT_EQ(places.gradient(b).extra, second.extra);
  EXPECT_NE(places.data(source).region, all.region);
}

TEST(ShareMemory, APartBehindChannelsThatFillNoBlockLiesApart) {
  Drawing drawing;
  const auto a = drawing.add(NodeKind::convolution, 20, {});
  const auto b = drawing.add(NodeKind::convolution, 16, {});
  const auto whole = drawing.add(NodeKind::concat, 36, {a, b});
  share_memory(drawing.graph);
  EXPECT_EQ(drawing.value(a).data_parent, kNone) << "its block holds 12 channels that are 0 there";
  EXPECT_EQ(drawing.value(b).data_parent, kNone);
  EXPECT_EQ(drawing.value(whole).data_parent, kNone);
}

TEST(ShareMemory, OnlyWhatNobodyElseLooksAtIsOverwritten) {
  Drawing drawing;
  const auto plain = drawing.add(NodeKind::convolution, 16, {});
  const auto active = drawing.add(NodeKind::activation, 16, {plain}, Epilogue::Kind::leaky_relu);
  const auto scaled = drawing.add(NodeKind::scale_shift, 16, {active});
  const auto swished = drawing.add(NodeKind::hard_swish, 16, {scaled});
  drawing.add(NodeKind::convolution, 16, {swished});
  drawing.add(NodeKind::convolution, 16, {swished});
  share_memory(drawing.graph);
  EXPECT_EQ(drawing.value(plain).data_parent, active);
  EXPECT_EQ(drawing.value(active).data_parent, kNone) << "its gradient follows from it";
  EXPECT_EQ(drawing.value(active).gradient_parent, scaled);
  EXPECT_EQ(drawing.value(scaled).data_parent, kNone) << "a hard swish's gradient follows from its argument";
  EXPECT_EQ(drawing.value(scaled).gradient_parent, swished);
}

TEST(Places, NoteFromWhenToWhenTheyAreInUse) {
  Drawing drawing;
  const auto a = drawing.add(NodeKind::convolution, 16, {});
  const auto b = drawing.add(NodeKind::convolution, 16, {a});
  std::deque<Region> regions;
  Places places(drawing.graph, regions);
  places.set_moment(0);
  const auto* of_a = places.data(a).region;
  places.set_moment(1);
  places.data(a);
  const auto* of_b = places.data(b).region;
  places.set_moment(3);
  places.data(b);
  EXPECT_EQ(of_a->begin, 0);
  EXPECT_EQ(of_a->end, 1);
  EXPECT_EQ(of_b->begin, 1);
  EXPECT_EQ(of_b->end, 3);
  EXPECT_EQ(place_regions(regions), std::int64_t{2} * 16 * kMapSide * kMapSide * 4)
      << "both are in use in moment 1";
}

}  // namespace
}  // namespace dreamreel::network
