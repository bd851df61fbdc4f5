// Corners that ONNX's conformance cases leave out, compared with plain loops, and changes between opsets.
#include "ops.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <regex>

#include "dreamreel/core/error.h"
#include "dreamreel/core/random.h"
#include "pictures.h"
#include "run_model.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;

constexpr double kFewRoundings = 1e-5;  // in float32

/// One made-up pooling. Every parameter can differ between the axes.
struct Pooling {
  std::int64_t height, width;
  std::vector<std::int64_t> kernel, strides, dilations, pads;  // pads: top, left, bottom, right
  bool ceil_mode, include_padding;
};

class Draw {
 public:
  explicit Draw(std::int64_t index) : key_{1, index} {}
  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    return random_int(key_, Purpose::fresh_noise, low, high, count_++);
  }

 private:
  RandomKey key_;
  std::uint32_t count_ = 0;
};

Pooling random_pooling(std::int64_t index, bool dilated) {
  Draw draw(index);
  Pooling pooling{draw(5, 14), draw(5, 14), {draw(1, 4), draw(1, 4)}, {draw(1, 3), draw(1, 3)}, {1, 1}, {},
                  false,       false};
  if (dilated) pooling.dilations = {draw(1, 2), draw(1, 2)};
  for (int side = 0; side < 4; ++side) {
    pooling.pads.push_back(draw(0, pooling.kernel[static_cast<std::size_t>(side % 2)] - 1));
  }
  if (draw(0, 2) == 0) pooling.pads = {pooling.pads[0], pooling.pads[1], pooling.pads[0], pooling.pads[1]};
  pooling.ceil_mode = draw(0, 1) == 1;
  pooling.include_padding = draw(0, 1) == 1;
  return pooling;
}

std::int64_t windows_along(const Pooling& pooling, std::size_t axis) {
  const auto size = axis == 0 ? pooling.height : pooling.width;
  const auto extent = (pooling.kernel[axis] - 1) * pooling.dilations[axis] + 1;
  std::int64_t count = 0;
  for (std::int64_t begin = -pooling.pads[axis];; begin += pooling.strides[axis], ++count) {
    const bool fits = begin + extent <= size + pooling.pads[axis + 2];
    // In ceil mode a last window may reach beyond the padding's end. It has to begin before the padding
    // begins, and the window before it must not have reached that end.
    const bool begins_inside = begin < size;
    const bool previous_reached = begin - pooling.strides[axis] + extent >= size + pooling.pads[axis + 2];
    if (!fits && !(pooling.ceil_mode && begins_inside && !previous_reached)) return count;
    if (pooling.ceil_mode && !begins_inside) return count;
  }
}

/// Plain loops over every window of one channel.
at::Tensor pool_plainly(const Pooling& p, const at::Tensor& x, bool maximum) {
  const auto rows = windows_along(p, 0), columns = windows_along(p, 1);
  auto result = at::empty({rows, columns});
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      double sum = 0, largest = -std::numeric_limits<double>::infinity();
      std::int64_t counted = 0;
      for (std::int64_t i = 0; i < p.kernel[0]; ++i) {
        for (std::int64_t j = 0; j < p.kernel[1]; ++j) {
          const auto y_at = r * p.strides[0] - p.pads[0] + i * p.dilations[0];
          const auto x_at = c * p.strides[1] - p.pads[1] + j * p.dilations[1];
          const bool inside = y_at >= 0 && x_at >= 0 && y_at < p.height && x_at < p.width;
          const bool in_padding = y_at < p.height + p.pads[2] && x_at < p.width + p.pads[3];
          if (inside) {
            sum += x[y_at][x_at].item<double>();
            largest = std::max(largest, x[y_at][x_at].item<double>());
          }
          if (inside || (p.include_padding && in_padding)) ++counted;
        }
      }
      result[r][c] = maximum ? largest : sum / static_cast<double>(std::max<std::int64_t>(counted, 1));
    }
  }
  return result;
}

at::Tensor pool_with_onnx(const Pooling& p, const at::Tensor& x, bool maximum) {
  OnnxModel model;
  auto& node = model.node(maximum ? "MaxPool" : "AveragePool", "pool", {"picture"});
  test::set_ints(node, "kernel_shape", p.kernel);
  test::set_ints(node, "strides", p.strides);
  test::set_ints(node, "pads", p.pads);
  test::set_int(node, "ceil_mode", p.ceil_mode ? 1 : 0);
  if (maximum)
    test::set_ints(node, "dilations", p.dilations);
  else
    test::set_int(node, "count_include_pad", p.include_padding ? 1 : 0);
  return run_model(model, x.view({1, 1, p.height, p.width}).contiguous(), "pool").squeeze(0).squeeze(0);
}

TEST(Pooling, EveryGeometryIsAsInPlainLoops) {
  constexpr std::int64_t kCases = 150;
  for (std::int64_t index = 0; index < kCases; ++index) {
    for (const bool maximum : {false, true}) {
      const auto pooling = random_pooling(index, maximum);
      if (windows_along(pooling, 0) < 1 || windows_along(pooling, 1) < 1) continue;
      const auto values = test::pseudo_random("pool" + std::to_string(index),
                                              static_cast<std::size_t>(pooling.height * pooling.width), 1);
      const auto x = at::tensor(values).view({pooling.height, pooling.width});
      const auto expected = pool_plainly(pooling, x, maximum);
      const auto found = pool_with_onnx(pooling, x, maximum);
      ASSERT_EQ(found.sizes(), expected.sizes()) << "case " << index << (maximum ? " max" : " average");
      EXPECT_TRUE(at::allclose(found, expected, kFewRoundings, kFewRoundings))
          << "case " << index << (maximum ? " max" : " average");
    }
  }
}

TEST(Conv, AsymmetricPadsAreThoseOfAPaddedPicture) {
  OnnxModel model;
  auto& conv = model.conv("conv", "picture", 3, 4, 3, 2);
  auto& pads = *conv.mutable_attribute(2);
  for (int i = 0; i < 4; ++i) pads.set_ints(i, i);  // top 0, left 1, bottom 2, right 3
  const auto padded = at::constant_pad_nd(signed_picture(7, 9), {1, 3, 0, 2});
  OnnxModel plain;
  plain.conv("conv", "picture", 3, 4, 3, 2);
  EXPECT_TRUE(at::equal(run_model(model, signed_picture(7, 9), "conv"), run_model(plain, padded, "conv")));
}

TEST(Conv, GroupsAndDilationAreSeparateConvolutions) {
  OnnxModel model;
  const auto weights = test::pseudo_random("grouped", 3UL * 2 * 3 * 3, 1);
  model.weights("w", {6, 1, 3, 3}, weights);
  auto& conv = model.node("Conv", "conv", {"picture", "w"});
  test::set_int(conv, "group", 3);
  test::set_ints(conv, "dilations", {2, 1});
  const auto w = at::tensor(weights).view({6, 1, 3, 3});
  std::vector<at::Tensor> parts;
  for (std::int64_t group = 0; group < 3; ++group) {
    parts.push_back(at::conv2d(signed_picture(7, 9).narrow(1, group, 1), w.narrow(0, 2 * group, 2), {},
                               at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0}, {2, 1}));
  }
  EXPECT_TRUE(at::allclose(run_model(model, signed_picture(7, 9), "conv"), at::cat(parts, 1), kFewRoundings,
                           kFewRoundings));
}

TEST(Lrn, EvenSizesLookFurtherForward) {
  OnnxModel model;
  auto& lrn = model.node("LRN", "lrn", {"picture"});
  test::set_int(lrn, "size", 2);
  test::set_float(lrn, "alpha", 0.5F);
  test::set_float(lrn, "bias", 2.0F);
  const auto x = signed_picture(7, 9);
  auto sums = x * x;
  sums.narrow(1, 0, 2).add_((x * x).narrow(1, 1, 2));
  const auto expected = x / (2 + 0.25 * sums).pow(0.75);
  EXPECT_TRUE(at::allclose(run_model(model, x, "lrn"), expected, kFewRoundings, kFewRoundings));
}

TEST(Opsets, ClipTakesLimitsAsAttributesOrInputs) {
  OnnxModel old(8);
  auto& clip = old.node("Clip", "clip", {"picture"});
  test::set_float(clip, "min", -0.25F);
  test::set_float(clip, "max", 0.5F);
  OnnxModel recent(11);
  recent.weights("low", {}, {-0.25F});
  recent.weights("high", {}, {0.5F});
  recent.node("Clip", "clip", {"picture", "low", "high"});
  const auto expected = signed_picture(7, 9).clamp(-0.25, 0.5);
  EXPECT_TRUE(at::equal(run_model(old, signed_picture(7, 9), "clip"), expected));
  EXPECT_TRUE(at::equal(run_model(recent, signed_picture(7, 9), "clip"), expected));
}

TEST(Opsets, ReduceMeanTakesAxesAsAttributeOrInput) {
  OnnxModel old(13);
  test::set_ints(old.node("ReduceMean", "mean", {"picture"}), "axes", {2, -1});
  OnnxModel recent(18);
  recent.integers("axes", {2, -1});
  recent.node("ReduceMean", "mean", {"picture", "axes"});
  const auto expected = signed_picture(7, 9).mean({2, 3}, true);
  EXPECT_TRUE(at::equal(run_model(old, signed_picture(7, 9), "mean"), expected));
  EXPECT_TRUE(at::equal(run_model(recent, signed_picture(7, 9), "mean"), expected));
}

TEST(Opsets, SqueezeUnsqueezeSplitAndPadTakeListsEitherWay) {
  OnnxModel old(11), recent(18);
  test::set_ints(old.node("Pad", "pad", {"picture"}), "pads", {0, 0, 1, 2, 0, 0, 3, 4});
  test::set_ints(old.node("Unsqueeze", "wide", {"pad"}), "axes", {0});
  test::set_ints(old.node("Squeeze", "narrow", {"wide"}), "axes", {0});
  auto& old_split = old.node("Split", "first", {"narrow"});
  test::set_ints(old_split, "split", {1, 2});
  recent.integers("pads", {1, 2, 3, 4});
  recent.integers("axes", {2, 3});
  recent.integers("zero", {0});
  recent.integers("parts", {1, 2});
  recent.node("Pad", "pad", {"picture", "pads", "", "axes"});
  recent.node("Unsqueeze", "wide", {"pad", "zero"});
  recent.node("Squeeze", "narrow", {"wide", "zero"});
  auto& split = recent.node("Split", "first", {"narrow", "parts"});
  for (auto* node : {&old_split, &split}) {
    test::set_int(*node, "axis", 1);
    node->add_output("second");
  }
  const auto expected = at::constant_pad_nd(signed_picture(7, 9), {2, 4, 1, 3}).narrow(1, 1, 2);
  EXPECT_TRUE(at::equal(run_model(old, signed_picture(7, 9), "second"), expected));
  EXPECT_TRUE(at::equal(run_model(recent, signed_picture(7, 9), "second"), expected));
}

TEST(Div, OfIntegersIsAsInCAndNeverTraps) {
  constexpr auto kSmallest = std::numeric_limits<std::int64_t>::min();
  OnnxModel model;
  model.integers("a", {kSmallest, 7, -7, 9});
  model.integers("b", {-1, -1, 2, 3});
  model.node("Div", "quotient", {"a", "b"});
  model.integers("none", {0, 1, 2, 3});
  model.node("Div", "by_zero", {"a", "none"});
  auto graph = graph_of(model);
  fold_constants(graph);
  ASSERT_EQ(graph.nodes.size(), 1);  // ATen itself refuses to divide by 0
  EXPECT_EQ(graph.nodes[0].name, "by_zero");
  const auto quotient = std::ranges::find(graph.value_names, "quotient") - graph.value_names.begin();
  EXPECT_TRUE(at::equal(graph.constants.at(static_cast<ValueId>(quotient)),
                        at::tensor(std::vector<std::int64_t>{kSmallest, -7, -3, 3})));
}

TEST(Pad, RefusesWhatOverflows) {
  OnnxModel model(11);
  const auto smallest = std::numeric_limits<std::int64_t>::min();
  test::set_ints(model.node("Pad", "pad", {"picture"}), "pads", {0, 0, smallest, 0, 0, 0, 0, 0});
  try {
    run_model(model, signed_picture(7, 9), "pad");
    FAIL() << "it ran";
  } catch (const RenderError& error) {
    EXPECT_NE(std::string(error.what()).find("absurd"), std::string::npos) << error.what();
  }
}

TEST(Opsets, SoftmaxIsOverAllTheRestUntilTwelve) {
  OnnxModel old(12), recent(13);
  test::set_int(old.node("Softmax", "softmax", {"picture"}), "axis", 1);
  test::set_int(recent.node("Softmax", "softmax", {"picture"}), "axis", 1);
  EXPECT_TRUE(at::allclose(run_model(old, signed_picture(7, 9), "softmax").sum({1, 2, 3}), at::ones({1})));
  EXPECT_TRUE(at::allclose(run_model(recent, signed_picture(7, 9), "softmax").sum(1), at::ones({1, 7, 9})));
}

TEST(Opsets, UpsampleTakesScalesAsAttributeOrInput) {
  OnnxModel old(7), recent(9);
  auto& node = old.node("Upsample", "up", {"picture"});
  auto& scales = *node.add_attribute();
  scales.set_name("scales");
  scales.set_type(onnx::AttributeProto::FLOATS);
  for (const float scale : {1.0F, 1.0F, 2.0F, 3.0F}) scales.add_floats(scale);
  recent.weights("scales", {4}, {1, 1, 2, 3});
  recent.node("Upsample", "up", {"picture", "scales"});
  const auto expected = signed_picture(7, 9).repeat_interleave(2, 2).repeat_interleave(3, 3);
  EXPECT_TRUE(at::equal(run_model(old, signed_picture(7, 9), "up"), expected));
  EXPECT_TRUE(at::equal(run_model(recent, signed_picture(7, 9), "up"), expected));
}

at::Tensor resized(const at::Tensor& x, float scale, const std::string& coordinates,
                   const std::string& rounding) {
  OnnxModel model(13);
  model.weights("scales", {4}, {1, 1, scale, scale});
  auto& node = model.node("Resize", "up", {"picture", "", "scales"});
  test::set_string(node, "coordinate_transformation_mode", coordinates);
  test::set_string(node, "nearest_mode", rounding);
  return run_model(model, x, "up");
}

// ONNX multiplies in float32: 7 * float32(13/7) is 13 in float32 and 12.9999996 in double.
TEST(Resize, SizesAreRoundedAsInFloat32) {
  for (std::int64_t in = 1; in <= 40; ++in)
    for (std::int64_t out = 1; out <= 40; ++out) {
      const auto scale = static_cast<float>(out) / static_cast<float>(in);
      const auto expected = static_cast<std::int64_t>(std::floor(static_cast<float>(in) * scale));
      if (expected < 1) continue;
      const auto x = at::zeros({1, 1, in, in});
      EXPECT_EQ(resized(x, scale, "asymmetric", "floor").size(2), expected) << in << " to " << out;
    }
  EXPECT_EQ(resized(at::zeros({1, 1, 7, 7}), 13.0F / 7, "asymmetric", "floor").size(3), 13);
}

// PyTorch exports interpolate(scale_factor=1/3) this way. It takes every third number, although 1 /
// float32(1/3) is less than 3 in double.
TEST(Resize, TheNearestIsFoundAsInFloat32) {
  const auto x = at::arange(9, at::kFloat).view({1, 1, 1, 9}).expand({1, 1, 9, 9}).contiguous();
  const auto row = resized(x, 1.0F / 3, "asymmetric", "floor").select(2, 0).reshape({-1});
  EXPECT_TRUE(at::equal(row, at::tensor({0.0F, 3.0F, 6.0F}))) << row;
}

/// The result of a node that depends on constants only.
at::Tensor constant(const OnnxModel& model, const std::string& name) {
  auto graph = graph_of(model);
  fold_constants(graph);
  const auto id = std::ranges::find(graph.value_names, name) - graph.value_names.begin();
  return graph.constants.at(static_cast<ValueId>(id));
}

TEST(Range, CountsIntegersExactlyAndFloatsAsFloat32) {
  constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
  const auto range = [](std::int64_t start, std::int64_t limit, std::int64_t delta) {
    OnnxModel model;
    model.integers("start", {start});
    model.integers("limit", {limit});
    model.integers("delta", {delta});
    model.node("Range", "range", {"start", "limit", "delta"});
    return constant(model, "range");
  };
  EXPECT_TRUE(at::equal(range(kLargest - 5, kLargest, 2),
                        at::tensor(std::vector<std::int64_t>{kLargest - 5, kLargest - 3, kLargest - 1})));
  EXPECT_TRUE(at::equal(range(3, -2, -2), at::tensor(std::vector<std::int64_t>{3, 1, -1})));
  EXPECT_EQ(range(3, 3, 1).numel(), 0);
  EXPECT_EQ(range(3, 5, -1).numel(), 0);
  EXPECT_EQ(range(-kLargest, kLargest, kLargest).numel(), 2);
  OnnxModel model;
  model.weights("start", {}, {0.1F});
  model.weights("limit", {}, {0.8F});
  model.weights("delta", {}, {0.1F});
  model.node("Range", "range", {"start", "limit", "delta"});
  const auto span = 0.8F - 0.1F;
  EXPECT_EQ(constant(model, "range").numel(),
            static_cast<std::int64_t>(std::ceil(static_cast<double>(span) / static_cast<double>(0.1F))));
}

TEST(Mod, OfTheSmallestIntegerNeverTraps) {
  for (const std::int64_t as_in_c : {0, 1}) {
    OnnxModel model;
    model.integers("a", {std::numeric_limits<std::int64_t>::min(), -7, 7});
    model.integers("b", {-1, 3, -3});
    test::set_int(model.node("Mod", "rest", {"a", "b"}), "fmod", as_in_c);
    const auto expected =
        as_in_c == 1 ? std::vector<std::int64_t>{0, -1, 1} : std::vector<std::int64_t>{0, 2, -2};
    EXPECT_TRUE(at::equal(constant(model, "rest"), at::tensor(expected)));
  }
}

TEST(Support, IsWrittenDownForEveryOperator) {
  std::ifstream file(DREAMREEL_NETWORKS_PAGE);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(page.empty());
  for (const auto& [name, op] : all_ops()) {
    if (name.find(':') != std::string::npos) continue;  // only passes make these
    const std::regex word("[^A-Za-z]" + name + "[^A-Za-z0-9]");
    EXPECT_TRUE(std::regex_search(page, word)) << name << " is not in docs/networks.md";
  }
}

TEST(Support, IsRefusedForTrainingAndWhatElseCannotRun) {
  OnnxModel model(14);
  auto& indices = model.node("MaxPool", "pool", {"picture"});
  test::set_ints(indices, "kernel_shape", {2, 2});
  indices.add_output("places");
  test::set_ints(model.node("MaxPool", "pool3d", {"picture"}), "kernel_shape", {2, 2, 2});
  test::set_string(model.node("Pad", "pad", {"picture"}), "mode", "wrap");
  test::set_ints(*model.graph().mutable_node(2), "pads", {0, 0, 0, 0, 0, 0, 0, 0});
  auto& foreign = model.node("Relu", "foreign", {"picture"});
  foreign.set_domain("com.example");
  const auto reasons = find_unsupported(graph_of(model));
  for (const auto& reason : reasons) EXPECT_NE(reason, "");
}

}  // namespace
}  // namespace dreamreel::network
