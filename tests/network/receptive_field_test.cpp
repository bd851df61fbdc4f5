// Compares receptive fields with the reach of gradients, and pass sizes with the memory that passes take.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <tuple>

#include "dreamreel/network/network.h"
#include "support/files.h"
#include "support/onnx_model.h"
#include "support/tiny_network.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;

Network load_layers(const std::filesystem::path& path, const std::vector<std::string>& layers,
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

// Swin's export has such padding, which depends on the picture's size.
TEST(ReceptiveField, PaddingThatIsComputedInThePassSeesAll) {
  OnnxModel model;
  model.conv("conv", "picture", 3, 4, 4, 4);
  model.node("Shape", "sizes", {"conv"});
  model.integers("two", {2});
  model.node("Mod", "odd", {"sizes", "two"});  // (0,0,h%2,w%2) of two pictures and 4 channels
  model.integers("first", {1});
  model.node("Mod", "none", {"sizes", "first"});
  test::set_int(model.node("Concat", "pads", {"none", "odd"}), "axis", 0);
  model.node("Pad", "even", {"conv", "pads"});
  const ScratchDir folder;
  const auto network = load_layers(model.write(folder.path() / "model.onnx"), {"even"}, Executor::autograd);
  EXPECT_EQ(network.forward(at::rand({2, 3, 20, 28}))[0].sizes(), (std::vector<std::int64_t>{2, 4, 6, 8}));
  EXPECT_NE(network.receptive_fields(20, 28)[0].blocker, "");
}

TEST(ReceptiveField, OfTheTinyNetworkIsAsWorkedOutByHand) {
  const ScratchDir folder;
  const auto network =
      load_layers(test::write_tiny_network(folder.path()), {"relu1", "relu2b", "mixed1", "relu3"});
  const auto fields = network.receptive_fields(64, 96);
  expect_axis(fields[0].y, 32, 2, 1, 1);
  expect_axis(fields[1].x, 24, 4, 1, 3);  // the pool adds 2 px
  expect_axis(fields[2].x, 24, 4, 5, 7);  // 3x3, with 4 px a position
  expect_axis(fields[3].y, 8, 8, 9, 11);
  expect_axis(fields[3].x, 12, 8, 9, 11);
  EXPECT_EQ(fields[3].channels, 16);
  for (const auto& field : fields) EXPECT_EQ(field.blocker, "");
}

/// Compares the field with the pixels that the gradient of a position reaches, for some positions.
void expect_fields_of_gradients(const Network& network, std::int64_t side) {
  const auto field = network.receptive_fields(side, side)[0];
  ASSERT_EQ(field.blocker, "");
  const at::Tensor leaf = at::rand({1, 3, side, side}).requires_grad_();
  const at::Tensor activation = network.forward(leaf)[0];
  ASSERT_EQ(activation.size(2), field.y.positions);
  ASSERT_EQ(activation.size(3), field.x.positions);
  std::int64_t y_begin = 0, y_end = 0, x_begin = 0, x_end = 0;  // the furthest that is seen from p * stride
  const auto y = field.y.positions / 2, x = field.x.positions / 2;
  const auto phases = field.y.period / field.y.stride;
  for (std::int64_t phase = 0; phase < phases; ++phase) {
    at::Tensor cotangent = at::zeros_like(activation);
    cotangent.select(2, y + phase).select(2, x + phase).fill_(1);
    const at::Tensor gradient =
        torch::autograd::grad({activation}, {leaf}, {cotangent}, true)[0].abs().sum(at::IntArrayRef{0, 1});
    const auto rows = gradient.sum(1).nonzero(), columns = gradient.sum(0).nonzero();
    y_begin = std::max(y_begin, (y + phase) * field.y.stride - rows.min().item<std::int64_t>());
    y_end = std::max(y_end, rows.max().item<std::int64_t>() - (y + phase) * field.y.stride);
    x_begin = std::max(x_begin, (x + phase) * field.x.stride - columns.min().item<std::int64_t>());
    x_end = std::max(x_end, columns.max().item<std::int64_t>() - (x + phase) * field.x.stride);
  }
  EXPECT_EQ(y_begin, field.y.before);
  EXPECT_EQ(y_end, field.y.after);
  EXPECT_EQ(x_begin, field.x.before);
  EXPECT_EQ(x_end, field.x.after);
}

// Covers odd windows, dilation, one-sided padding and unequal axes. It has no ReLU, so that every pixel in
// sight has a gradient.
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
  expect_fields_of_gradients(load_layers(model.write(folder / "net.onnx"), {"e"}, Executor::autograd), 120);
}

void add_transposed(OnnxModel& model, const std::string& name, const std::string& input, std::int64_t in,
                    std::int64_t kernel, std::int64_t stride, const std::vector<std::int64_t>& pads) {
  model.weights(name + ".w", {in, in, kernel, kernel},
                test::pseudo_random(name, static_cast<std::size_t>(in * in * kernel * kernel), 1));
  auto& node = model.node("ConvTranspose", name, {input, name + ".w"});
  test::set_ints(node, "strides", {stride, stride});
  test::set_ints(node, "pads", pads);
}

TEST(ReceptiveField, OfATransposedConvolutionIsWhatTheGradientReaches) {
  const ScratchDir folder;
  for (const auto& [kernel, stride, pads] :
       {std::tuple<std::int64_t, std::int64_t, std::vector<std::int64_t>>{2, 2, {0, 0, 0, 0}},
        {4, 2, {1, 1, 1, 1}},
        {3, 2, {1, 0, 0, 1}},
        {3, 1, {1, 1, 1, 1}},
        {7, 3, {2, 3, 2, 1}}}) {
    OnnxModel model;
    model.conv("a", "picture", 3, 4, 3, stride, 1);
    model.conv("b", "a", 4, 4, 3, 2, 1);
    add_transposed(model, "c", "b", 4, kernel, stride, pads);
    model.conv("d", "c", 4, 2, 3, 1, 1);
    model.output("d");
    const auto network = load_layers(model.write(folder / "net.onnx"), {"d"}, Executor::autograd);
    expect_fields_of_gradients(network, 96);
    const auto field = network.receptive_fields(96, 96)[0].y;
    EXPECT_EQ(field.stride, 2);
    EXPECT_EQ(field.period, 2 * stride);
  }
}

// The layer has more positions than the picture has pixels. So the distance between positions is not a whole
// number of pixels.
TEST(ReceptiveField, OfATransposedConvolutionThatMakesMoreThanThePictureIsAll) {
  const ScratchDir folder;
  OnnxModel model;
  add_transposed(model, "up", "picture", 3, 2, 2, {0, 0, 0, 0});
  model.output("up");
  const auto network = load_layers(model.write(folder / "net.onnx"), {"up"});
  EXPECT_NE(network.receptive_fields(32, 32)[0].blocker.find("'up'"), std::string::npos);
}

/// ConvNeXt's block normalises and mixes each position along its channels, which come last.
OnnxModel channels_last_block(const std::vector<std::int64_t>& scale, std::int64_t axis) {
  OnnxModel model(17);
  model.conv("a", "picture", 3, 4, 3, 2, 1);
  test::set_ints(model.node("Transpose", "last", {"a"}), "perm", {0, 2, 3, 1});
  std::int64_t count = 1;
  for (const auto size : scale) count *= size;
  model.weights("scale", scale, test::pseudo_random("scale", static_cast<std::size_t>(count), 1));
  test::set_int(model.node("LayerNormalization", "norm", {"last", "scale"}), "axis", axis);
  model.weights("mix", {4, 6}, test::pseudo_random("mix", 24, 1));
  model.weights("bias", {6}, test::pseudo_random("bias", 6, 1));
  model.node("MatMul", "mixed", {"norm", "mix"});
  model.node("Add", "biased", {"bias", "mixed"});
  model.node("Softplus", "smooth", {"biased"});
  test::set_ints(model.node("Transpose", "first", {"smooth"}), "perm", {0, 3, 1, 2});
  model.output("first");
  return model;
}

TEST(ReceptiveField, GoesThroughWhatWorksAlongChannels) {
  const ScratchDir folder;
  for (const std::int64_t axis : {-1, 3}) {
    const auto model = channels_last_block({4}, axis);
    expect_fields_of_gradients(load_layers(model.write(folder / "net.onnx"), {"first"}, Executor::autograd),
                               40);
  }
}

TEST(ReceptiveField, IsAllOfWhatIsNormalisedOverPositions) {
  const ScratchDir folder;
  const auto blocker = [&](const OnnxModel& model, const std::string& layer) {
    const auto network = load_layers(model.write(folder / "net.onnx"), {layer});
    return network.receptive_fields(40, 40)[0].blocker;
  };
  EXPECT_NE(blocker(channels_last_block({20, 4}, 2), "first").find("'norm'"), std::string::npos);
  for (const std::string op : {"InstanceNormalization", "GroupNormalization"}) {
    OnnxModel model(18);
    model.conv("a", "picture", 3, 4, 3, 2, 1);
    model.weights("s", {4}, {1, 2, 3, 4});
    auto& node = model.node(op, "norm", {"a", "s", "s"});
    if (op == "GroupNormalization") test::set_int(node, "num_groups", 2);
    model.output("norm");
    EXPECT_NE(blocker(model, "norm").find("'norm'"), std::string::npos);
  }
}

// A row of numbers is broadcast along the picture's width, not along its channels.
TEST(ReceptiveField, IsAllBehindARowOfNumbers) {
  const ScratchDir folder;
  OnnxModel model;
  model.conv("a", "picture", 3, 4, 3, 1, 1);
  model.weights("row", {40}, test::pseudo_random("row", 40, 1));
  model.node("Add", "tied", {"a", "row"});
  model.output("tied");
  const auto network = load_layers(model.write(folder / "net.onnx"), {"tied"});
  EXPECT_NE(network.receptive_fields(40, 40)[0].blocker.find("'tied'"), std::string::npos);
}

TEST(ReceptiveField, NamesWhatLooksAtTheWholePicture) {
  const ScratchDir folder;
  OnnxModel model;
  model.conv("a", "picture", 3, 4, 3, 1, 1);
  model.node("GlobalAveragePool", "gap", {"a"});
  model.node("Mul", "excited", {"a", "gap"});
  model.output("excited");
  const auto network = load_layers(model.write(folder / "net.onnx"), {"a", "gap", "excited"});
  const auto fields = network.receptive_fields(32, 32);
  EXPECT_EQ(fields[0].blocker, "");
  for (const std::size_t i : {1, 2}) EXPECT_NE(fields[i].blocker.find("'gap'"), std::string::npos);
}

TEST(PassBytes, GrowsWithThePictureAndWithTheDepth) {
  const ScratchDir folder;
  const auto path = test::write_tiny_network(folder.path());
  for (const auto executor : {Executor::fused, Executor::autograd}) {
    const auto network = load_layers(path, {"relu1", "relu3"}, executor);
    const auto small = network.pass_bytes(128, 160), large = network.pass_bytes(256, 320);
    EXPECT_NEAR(static_cast<double>(large) / static_cast<double>(small), 4, 0.1);
    EXPECT_LT(network.pass_bytes(128, 160, {true, false}), small);
    EXPECT_EQ(network.pass_bytes(128, 160), small);
  }
}

}  // namespace
}  // namespace dreamreel::network
