// How far a node reads its inputs around a position.
#include "node_reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "run_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using testing::ElementsAre;

/// What is found of the only node.
NodeReach reach_in(const OnnxModel& model) {
  const auto graph = graph_of(model);
  return reach_of(graph, graph.nodes.at(0));
}

/// Adds a constant of these dims, counted up, to the picture.
OnnxModel sum_with_constant(const std::vector<std::int64_t>& dims) {
  OnnxModel model;
  const auto count = std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
  std::vector<float> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 1.0F);
  model.weights("constant", dims, values);
  model.node("Add", "sum", {"picture", "constant"});
  return model;
}

TEST(NodeReach, AConvolutionReadsAWindowOfItsVaryingInput) {
  OnnxModel model;
  model.conv("conv", "picture", 3, 8, 5, 2, 2);
  const auto found = reach_in(model);
  EXPECT_EQ(found.reach, Reach::window);
  EXPECT_THAT(found.kernel, ElementsAre(5, 5));
  EXPECT_EQ(found.in_channels, 3);
  EXPECT_EQ(found.out_channels, 8);
  EXPECT_EQ(found.inputs.size(), 1U);
}

TEST(NodeReach, AConstantMapTiesAValueToItsPlace) {
  const auto number = reach_in(sum_with_constant({1}));
  EXPECT_EQ(number.reach, Reach::pointwise);
  EXPECT_TRUE(number.fits_first && number.fits_last);
  const auto channels = reach_in(sum_with_constant({3, 1, 1}));
  EXPECT_TRUE(channels.fits_first);
  EXPECT_FALSE(channels.fits_last) << "in (N,H,W,C) it differs from row to row";
  const auto map = reach_in(sum_with_constant({1, 4, 4}));
  EXPECT_FALSE(map.fits_first || map.fits_last);
}

TEST(NodeReach, ATransposeTurnsTheChannels) {
  for (const auto& [order, reach] : {std::pair(std::vector<std::int64_t>{0, 2, 3, 1}, Reach::turn_last),
                                     std::pair(std::vector<std::int64_t>{0, 3, 1, 2}, Reach::turn_first),
                                     std::pair(std::vector<std::int64_t>{0, 1, 3, 2}, Reach::all)}) {
    OnnxModel model;
    test::set_ints(model.node("Transpose", "turned", {"picture"}), "perm", order);
    EXPECT_EQ(reach_in(model).reach, reach);
  }
}

TEST(NodeReach, ASoftmaxReadsItsAxis) {
  OnnxModel model;
  test::set_int(model.node("Softmax", "shares", {"picture"}), "axis", -3);
  const auto found = reach_in(model);
  EXPECT_EQ(found.reach, Reach::channelwise);
  EXPECT_EQ(found.axis, 1);
}

TEST(NodeReach, PaddingOfChannelsReadsAll) {
  for (const std::int64_t channels : {0, 1}) {
    OnnxModel model;
    model.integers("pads", {0, channels, 1, 2, 0, 0, 3, 4});
    model.node("Pad", "padded", {"picture", "pads"});
    const auto found = reach_in(model);
    EXPECT_EQ(found.reach, channels == 0 ? Reach::pad : Reach::all);
    EXPECT_THAT(found.pad_before, ElementsAre(1, 2));
  }
}

}  // namespace
}  // namespace dreamreel::network
