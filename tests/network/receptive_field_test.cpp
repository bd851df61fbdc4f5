// Receptive fields against what a gradient says that a position sees, and pass sizes against what passes take.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "dreamreel/network/network.h"
#include "support/files.h"
#include "support/onnx_model.h"
#include "support/tiny_network.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;

Network load(const std::filesystem::path& path, const std::vector<std::string>& layers,
             Executor executor = Executor::fused) {
  return Network::load({path, {}, layers, at::kCPU, Precision::fp32, {}, executor});
}

void expect_axis(const AxisField& axis, std::int64_t positions, std::int64_t stride, std::int64_t before,
                 std::int64_t after) {
  EXPECT_EQ(axis.positions, positions);
  EXPECT_EQ(axis.stride, stride);
  EXPECT_EQ(axis.before, before);
  EXPECT_EQ(axis.after, after);
}

TEST(ReceptiveField, OfTheTinyNetworkIsAsWorkedOutByHand) {
  const ScratchDir folder;
  const auto network = load(test::write_tiny_network(folder.path()), {"relu1", "relu2b", "mixed1", "relu3"});
  const auto fields = network.receptive_fields(64, 96);
  expect_axis(fields[0].y, 32, 2, 1, 1);
  expect_axis(fields[1].x, 24, 4, 1, 3);  // the pool adds 2 px
  expect_axis(fields[2].x, 24, 4, 5, 7);  // 3x3 at 4 px a position
  expect_axis(fields[3].y, 8, 8, 9, 11);
  expect_axis(fields[3].x, 12, 8, 9, 11);
  EXPECT_EQ(fields[3].channels, 16);
  for (const auto& field : fields) EXPECT_EQ(field.blocker, "");
}

// Odd windows, dilation, one-sided padding, unequal axes: no ReLU, so that every pixel in sight has a gradient.
TEST(ReceptiveField, IsWhatTheGradientReaches) {
  const ScratchDir folder;
  OnnxModel model;
  model.conv("a", "picture", 3, 4, 5, 2, 1);
  model.node("Pad", "b", {"a", "pads"});
  model.integers("pads", {0, 0, 2, 0, 0, 0, 1, 3});
  auto& pool = model.node("AveragePool", "c", {"b"});
  test::set_ints(pool, "kernel_shape", {3, 2});
  test::set_ints(pool, "strides", {3, 1});
  model.conv("d", "c", 4, 4, 3, 1, 1);
  test::set_int(model.node("Concat", "e", {"c", "d"}), "axis", 1);
  model.output("e");
  const auto network = load(model.write(folder / "net.onnx"), {"e"}, Executor::autograd);
  constexpr std::int64_t kSide = 120;
  const auto field = network.receptive_fields(kSide, kSide)[0];
  const at::Tensor leaf = at::rand({1, 3, kSide, kSide}).requires_grad_();
  const at::Tensor activation = network.forward(leaf)[0];
  ASSERT_EQ(activation.size(2), field.y.positions);
  ASSERT_EQ(activation.size(3), field.x.positions);
  at::Tensor cotangent = at::zeros_like(activation);
  constexpr std::int64_t kY = 9, kX = 25;
  cotangent.select(2, kY).select(2, kX).fill_(1);
  const at::Tensor gradient =
      torch::autograd::grad({activation}, {leaf}, {cotangent})[0].abs().sum(at::IntArrayRef{0, 1});
  for (const auto& [axis, dim, position] : {std::tuple{field.y, 1, kY}, std::tuple{field.x, 0, kX}}) {
    const at::Tensor seen = gradient.sum(dim).nonzero();
    EXPECT_EQ(seen.min().item<std::int64_t>(), position * axis.stride - axis.before);
    EXPECT_EQ(seen.max().item<std::int64_t>(), position * axis.stride + axis.after);
  }
}

TEST(ReceptiveField, NamesWhatLooksAtTheWholePicture) {
  const ScratchDir folder;
  OnnxModel model;
  model.conv("a", "picture", 3, 4, 3, 1, 1);
  model.node("GlobalAveragePool", "gap", {"a"});
  model.node("Mul", "excited", {"a", "gap"});
  model.output("excited");
  const auto network = load(model.write(folder / "net.onnx"), {"a", "gap", "excited"});
  const auto fields = network.receptive_fields(32, 32);
  EXPECT_EQ(fields[0].blocker, "");
  for (const std::size_t i : {1, 2}) EXPECT_NE(fields[i].blocker.find("'gap'"), std::string::npos);
}

TEST(PassBytes, GrowsWithThePictureAndWithTheDepth) {
  const ScratchDir folder;
  const auto path = test::write_tiny_network(folder.path());
  for (const auto executor : {Executor::fused, Executor::autograd}) {
    const auto network = load(path, {"relu1", "relu3"}, executor);
    const auto small = network.pass_bytes(128, 160), large = network.pass_bytes(256, 320);
    EXPECT_NEAR(static_cast<double>(large) / static_cast<double>(small), 4, 0.1);
    EXPECT_LT(network.pass_bytes(128, 160, {true, false}), small);
    EXPECT_EQ(network.pass_bytes(128, 160), small);
  }
}

}  // namespace
}  // namespace dreamreel::network
