// Compares convolutions by Winograd's method with ATen's in float64.
#include "winograd.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "blocked_map.h"
#include "fused_skip.h"
#include "kernels.h"

namespace dreamreel::network {
namespace {

at::Tensor numbers(at::IntArrayRef sizes, std::uint64_t seed) {
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return at::randn(sizes, generator, at::kFloat);
}

struct Layer {
  std::int64_t in = 32, out = 32, kernel = 3, height = 20, width = 20, before = 1, after = 1;
  friend void PrintTo(const Layer& layer, std::ostream* to) {
    *to << layer.in << " to " << layer.out << ", " << layer.kernel << "x" << layer.kernel << ", "
        << layer.height << "x" << layer.width << ", padded " << layer.before << " and " << layer.after;
  }
};

struct Run {
  at::Tensor x, weight, bias, there, found;
};

/// Runs the layer on a map of the type. With `accumulate`, adds to the numbers already there.
Run run_winograd(const Layer& layer, at::ScalarType type, const Epilogue& epilogue, bool accumulate) {
  const auto& [in, out, kernel, height, width, before, after] = layer;
  Run result;
  result.x = numbers({1, in, height, width}, 1).to(type).to(at::kFloat);
  result.weight = numbers({out, in, kernel, kernel}, 2) / static_cast<double>(kernel * std::sqrt(in));
  WinogradShape shape;
  shape.kernel = kernel;
  shape.in = {in, height, width, Format::blocked, type};
  shape.out = {out, height + before + after - kernel + 1, width + before + after - kernel + 1,
               Format::blocked, type};
  shape.before_rows = shape.before_columns = before;
  result.there = numbers({1, out, shape.out.height, shape.out.width}, 3).to(type).to(at::kFloat);
  at::Tensor padded;
  if (!accumulate) {
    result.bias = numbers({out}, 4);
    padded = at::zeros({shape.out.outer() * shape.out.block()});
    padded.narrow(0, 0, out).copy_(result.bias);
  }
  const auto weights = std::make_shared<const WinogradWeights>(result.weight.contiguous());
  const auto convolution = make_winograd(shape, weights, padded, epilogue, accumulate);
  const auto src = blocked(result.x, type), dst = blocked(result.there, type);
  auto scratch = at::empty({convolution->scratch_bytes()}, at::kByte);
  scratch.view(at::kFloat).fill_(NAN);  // a number that is read must have been written
  convolution->run(src.data_ptr(), dst.data_ptr(), scratch.data_ptr());
  const auto last_block = dst.select(0, dst.size(0) - 1);
  const auto block = block_channels();
  if (out % block != 0) {
    EXPECT_TRUE(last_block.narrow(2, out % block, block - out % block).eq(0).all().item<bool>());
  }
  result.found = plain(dst, out);
  return result;
}

at::Tensor expected_of(const Layer& layer, const Run& run) {
  const auto padded =
      at::constant_pad_nd(run.x.to(at::kDouble), {layer.before, layer.after, layer.before, layer.after});
  const auto bias = run.bias.defined() ? run.bias.to(at::kDouble) : at::Tensor();
  return at::conv2d(padded, run.weight.to(at::kDouble), bias);
}

double relative_norm_error(const at::Tensor& found, const at::Tensor& expected) {
  return (found.to(at::kDouble) - expected).norm().item<double>() / expected.norm().item<double>();
}

// Relative to the norm: 24 bits, of which the points cost a few; or 8 bits, rounded once.
double tolerance(at::ScalarType type) {
  return type == at::kFloat ? 1e-5 : 2.5e-3;
}

class Winograd : public testing::TestWithParam<std::tuple<Layer, at::ScalarType>> {};

TEST_P(Winograd, IsTheConvolution) {
  const auto& [layer, type] = GetParam();
  DREAMREEL_NEEDS_FUSED_IN(type, "Winograd's way of convolving");
  const auto plain_run = run_winograd(layer, type, {}, false);
  const auto expected = expected_of(layer, plain_run);
  EXPECT_LT(relative_norm_error(plain_run.found, expected), tolerance(type));
  const auto relu = run_winograd(layer, type, {Epilogue::Kind::relu}, false);
  EXPECT_LT(relative_norm_error(relu.found, expected.clamp_min(0)), tolerance(type));
  EXPECT_EQ(relu.found.min().item<float>(), 0);
  const auto clipped = run_winograd(layer, type, {Epilogue::Kind::clip, -0.5F, 0.25F}, false);
  EXPECT_LT(relative_norm_error(clipped.found, expected.clamp(-0.5, 0.25)), tolerance(type));
  const auto added = run_winograd(layer, type, {}, true);
  EXPECT_LT(relative_norm_error(added.found, expected_of(layer, added) + added.there.to(at::kDouble)),
            tolerance(type));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, Winograd,
    testing::Combine(testing::Values(Layer{}, Layer{32, 80, 3, 41, 53, 1, 1}, Layer{48, 64, 5, 42, 31, 2, 2},
                                     Layer{40, 33, 3, 19, 26, 0, 0}, Layer{33, 50, 5, 18, 23, 0, 1},
                                     Layer{32, 144, 3, 7, 6, 2, 2}, Layer{96, 32, 3, 3, 3, 0, 0},
                                     Layer{32, 32, 5, 1, 90, 2, 2}, Layer{256, 96, 3, 12, 12, 1, 0}),
                     testing::Values(at::kFloat, at::kBFloat16)));

// The machines of a farm differ. All that oneDNN does not compute is the same number by number.
TEST_P(Winograd, IsTheSameWithTheKernelsOfOtherProcessors) {
  const auto& [layer, type] = GetParam();
  DREAMREEL_NEEDS_FUSED_IN(type, "Winograd's way of convolving");
  const auto masked = run_winograd(layer, type, {Epilogue::Kind::leaky_relu, 0, 0, 0.2F}, false).found;
  const auto added = run_winograd(layer, type, {}, true).found;
  for (const auto kernels : possible_kernels()) {
    const KernelsForTest chosen(kernels);
    EXPECT_TRUE(
        at::equal(run_winograd(layer, type, {Epilogue::Kind::leaky_relu, 0, 0, 0.2F}, false).found, masked))
        << name_of(kernels);
    EXPECT_TRUE(at::equal(run_winograd(layer, type, {}, true).found, added)) << name_of(kernels);
  }
}

// A tiled render relies on this.
TEST(WinogradBits, OfAWindowAreThoseOfThePicture) {
  DREAMREEL_NEEDS_FUSED("Winograd's way of convolving");
  for (const std::int64_t kernel : {3, 5}) {
    const AxisWindows axis{kernel, 1, 1, kernel / 2, kernel / 2, 1};
    const auto tile = *winograd_tile(axis, axis);
    const auto x = numbers({1, 32, 60, 70}, 5);
    const auto weights = std::make_shared<const WinogradWeights>(numbers({32, 32, kernel, kernel}, 6));
    const auto convolved = [&](const at::Tensor& map) {
      const auto src = blocked(map, at::kFloat);
      const auto dst = at::empty_like(src);
      const Map shape{32, map.size(2), map.size(3), Format::blocked, at::kFloat};
      const auto convolution =
          make_winograd({kernel, shape, shape, kernel / 2, kernel / 2}, weights, {}, {}, false);
      const auto scratch = at::empty({convolution->scratch_bytes()}, at::kByte);
      convolution->run(src.data_ptr(), dst.data_ptr(), scratch.data_ptr());
      return plain(dst, 32);
    };
    const auto whole = convolved(x);
    const auto begin = 2 * tile.size;
    const auto window = convolved(x.narrow(3, begin, 70 - begin).contiguous());
    const auto reach = kernel / 2 + tile.spread;
    EXPECT_TRUE(at::equal(window.narrow(3, reach, 70 - begin - reach),
                          whole.narrow(3, begin + reach, 70 - begin - reach)));
    const auto beside = convolved(x.narrow(3, begin + 1, 70 - begin - 1).contiguous());
    EXPECT_FALSE(at::equal(beside.narrow(3, reach, 20), whole.narrow(3, begin + 1 + reach, 20)))
        << "places count, or else nobody would have to heed them";
  }
}

}  // namespace
}  // namespace dreamreel::network
