// Compares the fused executor with the autograd executor. Both have to give the same activations and
// gradients for every operator that the fused executor has kernels for, alone and combined, and for operators
// that it leaves to ATen.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <fstream>

#include "dreamreel/network/network.h"
#include "fused_cases.h"
#include "fused_convolution.h"
#include "fused_executor.h"
#include "fused_skip.h"
#include "kernels.h"
#include "pictures.h"
#include "run_model.h"
#include "support/files.h"

namespace dreamreel::network {
namespace {

using test::OnnxModel;
using test::ScratchDir;

// For sums in another order, a few layers deep, relative to the largest number.
constexpr double kOrderTolerance = 1e-5;

double worst(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return INFINITY;
  const auto size = expected.abs().max().item<double>();
  return (found - expected).abs().max().item<double>() / std::max(size, 1e-30);
}

double distance(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return INFINITY;
  return (found - expected).norm().item<double>() / std::max(expected.norm().item<double>(), 1e-30);
}

struct PassResult {
  std::vector<at::Tensor> activations;  ///< float32
  at::Tensor gradient;
};

/// The activations, and the gradient of a sum of products with numbers that depend only on the layer.
PassResult climb(const std::vector<at::Tensor>& activations, const at::Tensor& leaf) {
  PassResult result;
  std::vector<at::Tensor> cotangents;
  for (const auto& activation : activations) {
    EXPECT_TRUE(activation.dim() != 4 || activation.is_contiguous(at::MemoryFormat::ChannelsLast));
    result.activations.push_back(activation.detach().to(at::kFloat));
    const auto numbers = test::pseudo_random("cotangent", static_cast<std::size_t>(activation.numel()), 1);
    cotangents.push_back(at::tensor(numbers).view(activation.sizes()).to(activation.scalar_type()));
  }
  result.gradient = torch::autograd::grad(activations, {leaf}, cotangents).at(0);
  return result;
}

class Fused : public testing::Test {
 protected:
  // Without the fused executor, the autograd executor would be compared with itself.
  void SetUp() override { DREAMREEL_NEEDS_FUSED("the fused executor against the autograd executor"); }

  Network load(const std::function<void(OnnxModel&)>& build, const std::vector<std::string>& wanted,
               Precision precision, Executor executor, const std::vector<std::string>& ablated = {}) {
    OnnxModel model;
    build(model);
    model.output(wanted.back());
    return Network::load(
        {model.write(scratch_ / "net.onnx"), {}, wanted, at::kCPU, precision, ablated, executor});
  }

  static PassResult run(const Network& network, const at::Tensor& x, const std::vector<bool>& needed = {}) {
    const auto leaf = x.detach().clone().requires_grad_();
    std::vector<at::Tensor> defined;
    for (const auto& activation : network.forward(leaf, needed))
      if (activation.defined()) defined.push_back(activation);
    return climb(defined, leaf);
  }

  static void expect_same(const PassResult& found, const PassResult& expected, Precision precision,
                          double bfloat_tolerance = kBfloatTolerance) {
    const bool exact = precision == Precision::fp32;
    const auto error = exact ? worst : distance;
    const auto tolerance = exact ? kOrderTolerance : bfloat_tolerance;
    ASSERT_EQ(found.activations.size(), expected.activations.size());
    for (std::size_t i = 0; i < found.activations.size(); ++i)
      EXPECT_LE(error(found.activations[i], expected.activations[i]), tolerance) << "layer " << i;
    EXPECT_LE(error(found.gradient, expected.gradient), tolerance) << "gradient";
    EXPECT_GT(expected.gradient.norm().item<double>(), 0);
  }

  ScratchDir scratch_;
};

class EveryCase : public Fused, public testing::WithParamInterface<std::tuple<Case, Precision>> {};

TEST_P(EveryCase, IsAsWithAutograd) {
  const auto& [net, precision] = GetParam();
  DREAMREEL_NEEDS_FUSED_IN(precision == Precision::bf16 ? at::kBFloat16 : at::kFloat,
                           "the fused executor against the autograd executor");
  const auto fused = load(net.build, net.wanted, precision, Executor::fused);
  const auto reference = load(net.build, net.wanted, precision, Executor::autograd);
  EXPECT_EQ(reference.executor(), Executor::autograd);
  EXPECT_EQ(fused.executor(), Executor::fused);
  for (const auto& [height, width] : {std::pair{33, 46}, {64, 40}, {33, 46}}) {
    const auto x = picture(height, width);
    const auto found = run(fused, x);
    expect_same(found, run(reference, x), precision, net.bfloat_tolerance);
    const auto again = run(fused, x);
    EXPECT_TRUE(at::equal(again.gradient, found.gradient)) << "the same bits";
  }
}

std::string name_of_case(const testing::TestParamInfo<std::tuple<Case, Precision>>& info) {
  return std::get<0>(info.param).name + "_" + std::string(name_of(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(Nets, EveryCase,
                         testing::Combine(testing::ValuesIn(fused_cases()),
                                          testing::Values(Precision::fp32, Precision::bf16)),
                         name_of_case);

// The format that oneDNN prefers on other processors (AMX) has to give correct results here, too.
class EveryFormat : public testing::TestWithParam<std::tuple<Case, Format>> {};

TEST_P(EveryFormat, IsAsWithAutograd) {
  const auto& [net, format] = GetParam();
  DREAMREEL_NEEDS_FUSED("the fused executor in other orders of memory");
  OnnxModel model;
  net.build(model);
  model.output(net.wanted.back());
  auto graph = graph_of(model);
  std::vector<ValueId> wanted;
  for (const auto& name : net.wanted)
    wanted.push_back(
        static_cast<ValueId>(std::ranges::find(graph.value_names, name) - graph.value_names.begin()));
  cut(graph, wanted);
  fold_batch_norms(graph, wanted);
  pool_what_is_smaller(graph, wanted);
  reuse_relu_inputs(graph, wanted);
  const auto program = compile(graph, wanted, {at::kCPU, at::kFloat});
  FusedExecutor fused(graph, program, {at::kFloat, format}, "test.onnx");
  const auto x = picture(33, 46).contiguous(at::MemoryFormat::ChannelsLast);
  const auto leaf = x.clone().requires_grad_();
  const auto expected = climb(network::run(program, {leaf}, "test.onnx"), leaf);
  const auto found = climb(fused.run(leaf, {}, {}), leaf);
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_LE(worst(found.activations[i], expected.activations[i]), kOrderTolerance) << i;
  EXPECT_LE(worst(found.gradient, expected.gradient), kOrderTolerance);
  const auto held = fused.held_bytes();
  for (int pass = 0; pass < 3; ++pass) climb(fused.run(leaf, {}, {}), leaf);
  EXPECT_EQ(fused.held_bytes(), held) << "passes use the same memory again";
}

INSTANTIATE_TEST_SUITE_P(Nets, EveryFormat,
                         testing::Combine(testing::ValuesIn(fused_cases()),
                                          testing::Values(Format::channels_last, Format::blocked)),
                         [](const auto& entry) {
                           return std::get<0>(entry.param).name + (std::get<1>(entry.param) == Format::blocked
                                                                       ? "_blocked"
                                                                       : "_channels_last");
                         });

const Case& find_case(const std::string& name) {
  return *std::ranges::find(fused_cases(), name, &Case::name);
}

TEST_F(Fused, DirectIsWithoutWinogradsWay) {
  const auto& net = find_case("PoolsBetweenWideConvolutions");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto direct = load(net.build, net.wanted, Precision::fp32, Executor::direct);
  const auto reference = load(net.build, net.wanted, Precision::fp32, Executor::autograd);
  const auto x = picture(33, 46);
  const auto found = run(direct, x);
  expect_same(found, run(reference, x), Precision::fp32);
  EXPECT_EQ(reference.most_weight_bytes(), reference.constant_bytes());
  EXPECT_EQ(direct.executor(), Executor::direct);
  EXPECT_FALSE(at::equal(found.gradient, run(fused, x).gradient)) << "another order of sums";
  EXPECT_EQ(direct.receptive_fields(33, 46)[1].y.spread, 0);
  EXPECT_EQ(direct.receptive_fields(33, 46)[1].y.alignment, 2);
  // b at stride 1. Then, at stride 2, the path that reaches further, which is c (5x5) and d, and then e.
  const auto field = fused.receptive_fields(33, 46)[1].y;
  EXPECT_EQ(field.spread, 5 + 2 * (3 + 5 + 5));
  EXPECT_EQ(field.alignment, 2 * 12);
  for (const auto* network : {&fused, &direct})
    EXPECT_NEAR(network->weight_bytes(), network->most_weight_bytes(), 0.02 * network->most_weight_bytes())
        << "but for biases and what pads blocks";
  EXPECT_GT(fused.most_weight_bytes(), direct.most_weight_bytes());
}

TEST_F(Fused, LeavesOutWhatIsNotNeeded) {
  const auto& net = find_case("Residual");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto reference = load(net.build, net.wanted, Precision::fp32, Executor::autograd);
  const auto x = picture(40, 40);
  for (const std::vector<bool>& needed : {std::vector{false, true}, {true, false}, {true, true}})
    expect_same(run(fused, x, needed), run(reference, x, needed), Precision::fp32);
}

TEST_F(Fused, CutsWhatIsAblated) {
  const auto& net = find_case("ConcatOfConcat");
  const std::vector<std::string> lesions{"a", "b_relu", "inner", "pool"};
  for (const auto precision : {Precision::fp32, Precision::bf16}) {
    if (precision == Precision::bf16) {
      DREAMREEL_NEEDS_FUSED_IN(at::kBFloat16, "lesions in bf16");
    }
    auto fused = load(net.build, net.wanted, precision, Executor::fused, lesions);
    auto reference = load(net.build, net.wanted, precision, Executor::autograd, lesions);
    const auto x = picture(40, 40);
    for (std::size_t layer = 0; layer < lesions.size(); ++layer) {
      auto factors =
          test::pseudo_random("factors", static_cast<std::size_t>(fused.ablatable()[layer].channels), 2);
      factors[0] = 0;
      for (auto* network : {&fused, &reference}) network->set_ablation(layer, factors);
      expect_same(run(fused, x), run(reference, x), precision);
    }
    for (std::size_t layer = 0; layer < lesions.size(); ++layer) fused.set_ablation(layer, {});
    const auto plain = load(net.build, net.wanted, precision, Executor::fused);
    expect_same(run(fused, x), run(plain, x), precision);
  }
}

TEST_F(Fused, ABatchIsItsPicturesOneByOne) {
  const auto& net = find_case("Inception");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto reference = load(net.build, net.wanted, Precision::fp32, Executor::autograd);
  const auto x = pictures(3, 33, 46);
  expect_same(run(fused, x), run(reference, x), Precision::fp32);
  const auto all = fused.forward(x);
  EXPECT_TRUE(at::equal(all[0].narrow(0, 1, 1), fused.forward(x.narrow(0, 1, 1))[0]));
}

TEST_F(Fused, ActivationsOutliveLaterPasses) {
  const auto& net = find_case("Inception");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto kept = fused.forward(picture(33, 46));
  const auto copy = kept[0].clone();
  fused.forward(picture(33, 46) * 0.5);
  run(fused, picture(33, 46) * 0.25);
  EXPECT_TRUE(at::equal(kept[0], copy));
}

TEST_F(Fused, TwoPassesAtOnceAndOneTwice) {
  const auto& net = find_case("Inception");
  const auto fused = load(net.build, net.wanted, Precision::fp32, Executor::fused);
  const auto a = picture(33, 46).requires_grad_(), b = (picture(33, 46) * 0.5).requires_grad_();
  const auto alone = run(fused, a).gradient;
  const auto first = fused.forward(a), second = fused.forward(b);
  const auto gradient = [&](const std::vector<at::Tensor>& layers, const at::Tensor& leaf) {
    std::vector<at::Tensor> cotangents;
    for (const auto& layer : layers)
      cotangents.push_back(
          at::tensor(test::pseudo_random("cotangent", static_cast<std::size_t>(layer.numel()), 1))
              .view(layer.sizes()));
    return torch::autograd::grad(layers, {leaf}, cotangents, /*retain_graph=*/true).at(0);
  };
  const auto of_second = gradient(second, b);
  EXPECT_TRUE(at::equal(gradient(first, a), alone));
  EXPECT_TRUE(at::equal(gradient(first, a), alone)) << "again, over memory that the first time has used";
  EXPECT_FALSE(at::equal(of_second, alone));
}

TEST_F(Fused, AGradientOfTheGradientIsAutograds) {
  const auto build = [](OnnxModel& m) {
    m.conv("a", "picture", 3, 16, 3);
    m.node("Sigmoid", "b", {"a"});
    m.conv("c", "b", 16, 16, 3);
  };
  const auto second = [&](Executor executor) {
    const auto network = load(build, {"c"}, Precision::fp32, executor);
    const auto x = picture(16, 16).requires_grad_();
    const auto layer = network.forward(x).at(0);
    const auto slope =
        torch::autograd::grad({layer.square().sum()}, {x}, {}, true, /*create_graph=*/true).at(0);
    return torch::autograd::grad({slope.square().sum()}, {x}).at(0);
  };
  EXPECT_LE(worst(second(Executor::fused), second(Executor::autograd)), kOrderTolerance);
}

TEST_F(Fused, WhatCannotRunSaysSoAsBefore) {
  const auto build = [](OnnxModel& m) {
    conv_relu(m, "a", "picture", 3, 16, 3);
    m.conv("wide", "a_relu", 16, 16, 9);
  };
  const auto message = [&](Executor executor) -> std::string {
    try {
      load(build, {"wide"}, Precision::fp32, executor).forward(picture(4, 4));
    } catch (const std::exception& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_EQ(message(Executor::fused), message(Executor::autograd));
  EXPECT_NE(message(Executor::fused).find("node 'wide' (Conv)"), std::string::npos);
}

/// Whether Linux lists this flag of the processor.
bool processor_has(const std::string& flag) {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.starts_with("flags") || line.starts_with("Features"))
      return (line + " ").find(" " + flag + " ") != std::string::npos;
  return false;
}

/// Whether oneDNN's limit is one of `names`, oneDNN's names for kinds of processors, or absent.
bool is_within_limit(const std::vector<std::string>& names) {
  const char* const limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  return limit == nullptr || std::ranges::find(names, std::string(limit)) != names.end();
}

Kernels expected_kernels() {
  if (processor_has("asimd")) return Kernels::neon;
  const std::vector<std::string> with_bf16{"AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX", "ALL",
                                           "DEFAULT"};
  auto with_avx512 = with_bf16, with_avx2 = with_bf16;
  with_avx512.insert(with_avx512.end(), {"AVX512_CORE", "AVX512_CORE_VNNI"});
  with_avx2 = with_avx512;
  with_avx2.insert(with_avx2.end(), {"AVX2", "AVX2_VNNI", "AVX2_VNNI_2"});
  const bool has_avx512 = processor_has("avx512bw") && processor_has("avx512dq") && processor_has("avx512vl");
  if (has_avx512 && is_within_limit(with_avx512))
    return processor_has("avx512_bf16") && is_within_limit(with_bf16) ? Kernels::avx512_bf16
                                                                      : Kernels::avx512;
  return processor_has("avx2") && processor_has("fma") && is_within_limit(with_avx2) ? Kernels::avx2
                                                                                     : Kernels::none;
}

// If this failed, every test above would always skip. CMakeLists.txt runs it again under limits.
TEST(FusedSupport, IsThereWhereTheProcessorIs) {
  const auto kernels = expected_kernels();
  EXPECT_EQ(name_of(best_kernels()), name_of(kernels));
  EXPECT_EQ(FusedExecutor::supports(at::kCPU, at::kFloat), kernels != Kernels::none);
  EXPECT_EQ(FusedExecutor::supports(at::kCPU, at::kBFloat16), kernels == Kernels::avx512_bf16);
  EXPECT_EQ(has_bf16(at::kCPU), kernels == Kernels::avx512_bf16);
  EXPECT_EQ(best_precision(at::kCPU), kernels == Kernels::avx512_bf16 ? Precision::bf16 : Precision::fp32);
  EXPECT_FALSE(FusedExecutor::supports(at::kCPU, at::kDouble));
}

// If the processor does not reach the limit, a run under this limit would only repeat the run without it.
TEST(FusedSupport, ReachesItsLimit) {
  const char* const limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (limit != nullptr && std::string(limit) == "AVX2" && best_kernels() != Kernels::avx2)
    GTEST_SKIP() << "needs avx2: the kernels of AVX2";
  if (limit != nullptr && std::string(limit) == "AVX512_CORE" && best_kernels() != Kernels::avx512)
    GTEST_SKIP() << "needs avx512bw: the kernels of AVX-512";
}

// The networks of the tests above without the fused executor: the executor that replaces it has to be
// correct, too.
TEST(EveryCaseWithoutFused, IsAsInDoublePrecision) {
  for (const auto& net : fused_cases()) {
    const ScratchDir scratch;
    OnnxModel model;
    net.build(model);
    model.output(net.wanted.back());
    const auto path = model.write(scratch / "net.onnx");
    const auto network =
        Network::load({path, {}, net.wanted, at::kCPU, Precision::fp32, {}, Executor::autograd});
    const auto exact =
        Network::load({path, {}, net.wanted, at::kCPU, Precision::fp64, {}, Executor::autograd});
    const auto x = picture(20, 24);
    const auto found = network.forward(x), expected = exact.forward(x.to(at::kDouble));
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_LE(worst(found[i].to(at::kDouble), expected[i]), kOrderTolerance) << net.name;
  }
}

}  // namespace
}  // namespace dreamreel::network
