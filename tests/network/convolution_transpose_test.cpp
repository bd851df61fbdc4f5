// ConvTranspose is the transpose of a Conv: <T x, y> = <x, C y> for every x and y. Each geometry differs
// between the axes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "dreamreel/core/error.h"
#include "dreamreel/network/network.h"
#include "run_model.h"
#include "support/files.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;

struct Geometry {
  const char* name;
  Sizes kernel{3, 2}, strides{1, 1}, dilations{1, 1}, pads{0, 0, 0, 0}, more{0, 0};
  std::int64_t groups = 1;
};

const Geometry kGeometries[] = {
    {"Plain"},
    {"Strides", {3, 2}, {2, 3}},
    {"Dilations", {2, 3}, {1, 2}, {3, 2}},
    {"Pads", {4, 3}, {2, 2}, {1, 1}, {1, 0, 2, 1}},
    {"More", {3, 3}, {3, 2}, {1, 1}, {1, 1, 1, 1}, {2, 1}},
    {"Groups", {3, 2}, {2, 1}, {1, 2}, {1, 0, 0, 1}, {1, 0}, 2},
    {"PadsOfWholeWindows", {2, 2}, {1, 1}, {1, 1}, {2, 1, 1, 2}},
};

constexpr std::int64_t kInChannels = 4, kOutChannels = 6, kMapHeight = 5, kMapWidth = 4;

class Transposed : public testing::TestWithParam<Geometry> {
 protected:
  at::Tensor numbers(const std::string& name, const Sizes& sizes) {
    std::size_t count = 1;
    for (const auto size : sizes) count *= static_cast<std::size_t>(size);
    return at::tensor(test::pseudo_random(name, count, 1)).view(sizes);
  }

  /// The definition as plain loops: every position of x adds its window to the result.
  at::Tensor expected(const at::Tensor& x, const at::Tensor& weight) const {
    const auto& g = GetParam();
    const auto size = [&](std::int64_t in, std::size_t axis) {
      return g.strides[axis] * (in - 1) + g.more[axis] + (g.kernel[axis] - 1) * g.dilations[axis] + 1 -
             g.pads[axis] - g.pads[axis + 2];
    };
    auto result = at::zeros({1, kOutChannels, size(kMapHeight, 0), size(kMapWidth, 1)});
    const auto in_group = kInChannels / g.groups, out_group = kOutChannels / g.groups;
    for (std::int64_t i = 0; i < kInChannels; ++i)
      for (std::int64_t o = 0; o < out_group; ++o)
        for (std::int64_t y = 0; y < kMapHeight; ++y)
          for (std::int64_t z = 0; z < kMapWidth; ++z)
            for (std::int64_t a = 0; a < g.kernel[0]; ++a)
              for (std::int64_t b = 0; b < g.kernel[1]; ++b) {
                const auto row = y * g.strides[0] + a * g.dilations[0] - g.pads[0];
                const auto column = z * g.strides[1] + b * g.dilations[1] - g.pads[1];
                if (row < 0 || column < 0 || row >= result.size(2) || column >= result.size(3)) continue;
                result[0][i / in_group * out_group + o][row][column] += x[0][i][y][z] * weight[i][o][a][b];
              }
    return result;
  }
};

TEST_P(Transposed, IsAsInPlainLoops) {
  const auto& g = GetParam();
  OnnxModel model(11);
  const auto weight = numbers("weight", {kInChannels, kOutChannels / g.groups, g.kernel[0], g.kernel[1]});
  model.weights("w", weight.sizes().vec(),
                {weight.data_ptr<float>(), weight.data_ptr<float>() + weight.numel()});
  model.weights("b", {kOutChannels}, {1, 2, 3, 4, 5, 6});
  auto& node = model.node("ConvTranspose", "out", {"picture", "w", "b"});
  test::set_ints(node, "kernel_shape", g.kernel);
  test::set_ints(node, "strides", g.strides);
  test::set_ints(node, "dilations", g.dilations);
  test::set_ints(node, "pads", g.pads);
  test::set_ints(node, "output_padding", g.more);
  test::set_int(node, "group", g.groups);
  const auto x = numbers("x", {1, kInChannels, kMapHeight, kMapWidth});
  const auto bias = at::tensor({1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}).view({6, 1, 1});
  const auto found = run_model(model, x, "out"), sum = expected(x, weight) + bias;
  ASSERT_EQ(found.sizes(), sum.sizes());
  constexpr double kTolerance = 1e-5;  // sums of some dozen products in float32
  EXPECT_TRUE(at::allclose(found, sum, kTolerance, kTolerance));
}

INSTANTIATE_TEST_SUITE_P(Geometries, Transposed, testing::ValuesIn(kGeometries),
                         [](const auto& entry) { return entry.param.name; });

at::Tensor run_with(const std::function<void(onnx::NodeProto&)>& complete, std::int64_t kernel,
                    const at::Tensor& x) {
  OnnxModel model(11);
  model.weights("w", {1, 1, kernel, kernel},
                std::vector<float>(static_cast<std::size_t>(kernel * kernel), 1));
  complete(model.node("ConvTranspose", "out", {"picture", "w"}));
  return run_model(model, x, "out");
}

// If an odd number of positions is cut off, SAME_UPPER cuts off the larger part at the end.
TEST(TransposedSizes, MayBeTheInputsTimesTheStrideOrGiven) {
  const auto x = at::tensor({1.0F, 2.0F, 4.0F}).view({1, 1, 1, 3});
  const auto row = [&](const std::string& pad, const Sizes& shape) {
    const auto complete = [&](onnx::NodeProto& node) {
      test::set_ints(node, "strides", {1, 2});
      if (!pad.empty()) test::set_string(node, "auto_pad", pad);
      if (!shape.empty()) test::set_ints(node, "output_shape", shape);
    };
    const auto found = run_with(complete, 3, x).select(2, 0).reshape({-1});
    return std::vector<float>(found.data_ptr<float>(), found.data_ptr<float>() + found.numel());
  };
  const std::vector<float> all{1, 1, 3, 2, 6, 4, 4};
  EXPECT_EQ(row("", {}), all);
  EXPECT_EQ(row("SAME_UPPER", {}), std::vector<float>(all.begin(), all.end() - 1));
  EXPECT_EQ(row("SAME_LOWER", {}), std::vector<float>(all.begin() + 1, all.end()));
  EXPECT_EQ(row("VALID", {}), all);
  EXPECT_EQ(row("", {3, 6}), std::vector<float>(all.begin() + 1, all.end()));
  EXPECT_EQ(row("SAME_UPPER", {3, 6}), std::vector<float>(all.begin(), all.end() - 1));
  EXPECT_EQ(row("", {1, 1, 3, 6}), std::vector<float>(all.begin() + 1, all.end()));
  auto longer = all;
  longer.push_back(0);
  EXPECT_EQ(row("", {3, 8}), longer);
}

TEST(TransposedSizes, OfAbsurdMapsAreRefused) {
  const auto x = at::rand({1, 1, 4, 4});
  const auto refused = [&](const std::string& attribute, const Sizes& values) {
    EXPECT_THROW(run_with([&](onnx::NodeProto& node) { test::set_ints(node, attribute, values); }, 3, x),
                 Error)
        << attribute << " " << values;
  };
  refused("output_padding", {1 << 20, 1 << 20});
  refused("output_padding", {1, 1, 1});
  refused("output_shape", {std::int64_t{1} << 40, 4});
  refused("output_shape", {1 << 20, 1 << 20});
  refused("strides", {1 << 20, 1 << 20});
  refused("dilations", {1 << 20, 1 << 20});
  refused("pads", {9, 9, 9, 9});
}

}  // namespace
}  // namespace dreamreel::network
