// Which pixels the positions of a value see.
#include "seen_pixels.h"

#include <gtest/gtest.h>

#include "run_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;

const Sizes kInputSizes{1, 3, 32, 32};

NodeReach convolution(std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  OnnxModel model;
  model.conv("conv", "picture", 3, 3, kernel, stride, padding);
  const auto graph = graph_of(model);
  return reach_of(graph, graph.nodes.at(0));
}

NodeReach node_of(Reach reach) {
  NodeReach node;
  node.reach = reach;
  node.label = "the node";
  return node;
}

TEST(SeenPixels, StridesMultiplyAndWindowsAddUp) {
  const auto first = seen_through(convolution(3, 2, 1), {}, kInputSizes, std::nullopt);
  EXPECT_EQ(first.axes[0].stride, 2);
  EXPECT_EQ(first.axes[0].before, 1);
  EXPECT_EQ(first.axes[0].after, 1);
  const auto second = seen_through(convolution(3, 1, 1), first, {1, 3, 16, 16}, std::nullopt);
  for (const auto& axis : second.axes) {
    EXPECT_EQ(axis.stride, 2);
    EXPECT_EQ(axis.before, 3);
    EXPECT_EQ(axis.after, 3);
  }
  EXPECT_EQ(second.blocker, "");
}

TEST(SeenPixels, ANodeThatMaySeeAllBlocks) {
  EXPECT_EQ(seen_through(node_of(Reach::all), {}, kInputSizes, std::nullopt).blocker, "the node");
  EXPECT_EQ(seen_through(node_of(Reach::pointwise), {}, kInputSizes, std::nullopt).blocker, "");
}

TEST(SeenPixels, ChannelsTurnOnceEachWay) {
  const auto turned = seen_through(node_of(Reach::turn_last), {}, kInputSizes, std::nullopt);
  EXPECT_TRUE(turned.channels_last);
  EXPECT_EQ(turned.dim(0), 1U);
  EXPECT_EQ(seen_through(node_of(Reach::turn_last), turned, kInputSizes, std::nullopt).blocker, "the node");
  const auto back = seen_through(node_of(Reach::turn_first), turned, kInputSizes, std::nullopt);
  EXPECT_FALSE(back.channels_last);
  EXPECT_EQ(back.blocker, "");
}

TEST(SeenPixels, ASumSeesWhatEitherInputSees) {
  const auto narrow = seen_through(convolution(3, 1, 1), {}, kInputSizes, std::nullopt);
  auto both = seen_through(convolution(5, 1, 2), {}, kInputSizes, std::nullopt);
  join_seen(both, narrow, "sum");
  EXPECT_EQ(both.axes[1].before, 2);
  EXPECT_EQ(both.axes[1].after, 2);
  EXPECT_EQ(both.blocker, "");
  join_seen(both, seen_through(convolution(3, 2, 1), {}, kInputSizes, std::nullopt), "sum");
  EXPECT_EQ(both.blocker, "sum") << "the strides differ";
}

}  // namespace
}  // namespace dreamreel::network
