// Compares whole networks, exported by torchvision with random weights, with PyTorch's results; see
// export_reference.py. Usage: torchvision_test FOLDER
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"
#include "fused_skip.h"
#include "onnx_tensor.h"

namespace dreamreel::network {
namespace {

// Different orders of summation in float32, accumulated over up to 120 layers.
constexpr double kActivationTolerance = 1e-4;
// The backward pass doubles the depth. A ReLU whose input is nearly 0 may also open or close by rounding.
constexpr double kGradientTolerance = 1e-3;
constexpr double kFlipTolerance = 0.05;

std::filesystem::path g_folder;

struct Reference {
  std::map<std::string, at::Tensor> tensors;
  std::string deep;
};

Reference read_reference(const std::string& name) {
  auto model = std::make_shared<onnx::ModelProto>();
  std::ifstream file(g_folder / (name + ".reference.onnx"), std::ios::binary);
  if (!model->ParseFromIstream(&file)) throw std::runtime_error("cannot read the reference of " + name);
  Reference reference{{}, model->graph().doc_string()};
  auto files = ExternalFiles::in(g_folder);
  for (const auto& tensor : model->graph().initializer()) {
    reference.tensors[tensor.name()] = read_tensor(tensor, model, files);
  }
  return reference;
}

/// The largest difference, relative to the largest expected number.
double relative_error(const at::Tensor& found, const at::Tensor& expected) {
  if (found.numel() != expected.numel()) return INFINITY;
  const auto difference = (found.reshape({-1}) - expected.reshape({-1})).abs().max().item<double>();
  return difference / expected.abs().max().item<double>();
}

LoadOptions options_of(const std::string& name, std::vector<std::string> layers) {
  LoadOptions options;
  options.path = g_folder / (name + ".onnx");
  options.layers = std::move(layers);
  return options;
}

class Torchvision : public testing::TestWithParam<std::string> {};

TEST_P(Torchvision, EveryLayerIsAsInPyTorch) {
  const auto reference = read_reference(GetParam());
  const std::string prefix = "activation:";
  std::vector<std::string> layers;
  for (const auto& [key, tensor] : reference.tensors) {
    if (key.starts_with(prefix)) layers.push_back(key.substr(prefix.size()));
  }
  constexpr std::size_t kFewest = 15;  // alexnet, the smallest, has 5 Conv, 7 Relu and 3 MaxPool
  ASSERT_GE(layers.size(), kFewest);
  const auto network = Network::load(options_of(GetParam(), layers));
  const auto activations = network.forward(reference.tensors.at("picture"));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    EXPECT_LE(relative_error(activations[i], reference.tensors.at(prefix + layers[i])), kActivationTolerance)
        << layers[i];
  }
}

/// The gradient of 1/2 mean of the deep layer's squares, float32. `light` is a factor of the picture.
at::Tensor gradient_by(const Reference& reference, const std::string& name, Precision precision,
                       Executor executor, double light = 1) {
  auto options = options_of(name, {reference.deep});
  options.precision = precision;
  options.executor = executor;
  const auto network = Network::load(options);
  const auto picture = (reference.tensors.at("picture2:0") * light).requires_grad_();
  const auto deep = network.forward(picture).at(0).to(at::kFloat);
  return torch::autograd::grad({0.5 * (deep * deep).mean()}, {picture}).at(0);
}

/// How far the executor's gradient is from autograd's. Tries brightnesses until no ReLU opens or closes by
/// rounding. A mistake would show at each.
double least_error(const std::string& name, Executor executor) {
  constexpr double kDarkest = 0.76, kLightStep = 0.02;
  const auto reference = read_reference(name);
  double least = INFINITY;
  for (double light = 1; light >= kDarkest && least > kGradientTolerance; light -= kLightStep) {
    const auto found = gradient_by(reference, name, Precision::fp32, executor, light);
    const auto exact = gradient_by(reference, name, Precision::fp32, Executor::autograd, light);
    const auto error = relative_error(found, exact);
    std::printf("%s, %s, light %.2f: fp32 is off by %.6f\n", name.c_str(),
                executor == Executor::direct ? "direct" : "fused", light, error);
    EXPECT_LE(error, kFlipTolerance) << "light " << light;
    least = std::min(least, error);
  }
  return least;
}

// Winograd's method, which the fused executor uses, rounds ten times as coarsely as direct sums.
TEST_P(Torchvision, EveryExecutorGivesOneGradient) {
  EXPECT_LE(least_error(GetParam(), Executor::direct), kGradientTolerance);
  EXPECT_LE(least_error(GetParam(), Executor::fused), kGradientTolerance);
}

TEST_P(Torchvision, InBf16TheFusedExecutorIsAsNearAsAutograd) {
  DREAMREEL_NEEDS_FUSED_IN(at::kBFloat16, "gradients in bf16");
  const auto reference = read_reference(GetParam());
  const auto exact = gradient_by(reference, GetParam(), Precision::fp32, Executor::autograd);
  const auto distance = [&](Executor executor) {
    const auto found = gradient_by(reference, GetParam(), Precision::bf16, executor);
    return (found - exact).norm().item<double>() / exact.norm().item<double>();
  };
  const auto of_autograd = distance(Executor::autograd), of_fused = distance(Executor::fused);
  std::printf("%s: bf16 is off by %.4f fused, %.4f with autograd\n", GetParam().c_str(), of_fused,
              of_autograd);
  EXPECT_LE(of_fused, 1.2 * of_autograd + 0.02) << "no worse than bfloat16 is anyway";
}

/// Compares the layer's result and its gradient with PyTorch's, at the pictures `picture`:0, `picture`:1, ...
/// of the reference. The results are `result`:0, ..., the gradients `gradient`:0, ...
void expect_as_in_pytorch(const Network& network, const Reference& reference, const std::string& picture,
                          const std::string& result, const std::string& gradient) {
  double least = INFINITY;
  for (int k = 0; reference.tensors.contains(picture + ":" + std::to_string(k)); ++k) {
    const auto tensor = [&, k](const std::string& key) {
      return reference.tensors.at(key + ":" + std::to_string(k));
    };
    const auto input = tensor(picture).clone().requires_grad_();
    const auto found = network.forward(input).at(0);
    const auto wanted = tensor(result);  // may lack the last two sizes, which are 1 then
    EXPECT_EQ(found.sizes().slice(0, static_cast<std::size_t>(wanted.dim())), wanted.sizes());
    EXPECT_LE(relative_error(found.detach(), wanted), kActivationTolerance) << picture << ":" << k;
    const auto error = relative_error(torch::autograd::grad({0.5 * (found * found).mean()}, {input}).at(0),
                                      tensor(gradient));
    EXPECT_LE(error, kFlipTolerance) << picture << ":" << k;
    least = std::min(least, error);
  }
  EXPECT_LE(least, kGradientTolerance) << "at every picture: no ReLU that opens by rounding explains this";
}

TEST_P(Torchvision, GradientIsAsInPyTorchAtAnotherSize) {
  const auto reference = read_reference(GetParam());
  auto options = options_of(GetParam(), {reference.deep});
  options.executor = Executor::direct;
  expect_as_in_pytorch(Network::load(options), reference, "picture2", "deep", "gradient");
}

TEST_P(Torchvision, LayersAreListedWithTheirChannels) {
  const auto reference = read_reference(GetParam());
  std::ptrdiff_t found = 0;
  for (const auto& layer : list_layers(g_folder / (GetParam() + ".onnx"))) {
    EXPECT_TRUE(layer.usable) << layer.name;
    const auto entry = reference.tensors.find("activation:" + layer.tensor);
    if (entry == reference.tensors.end()) continue;
    ++found;
    EXPECT_EQ(layer.channels, entry->second.size(1)) << layer.name;
  }
  const auto activations =
      std::count_if(reference.tensors.begin(), reference.tensors.end(),
                    [](const auto& entry) { return entry.first.starts_with("activation:"); });
  EXPECT_EQ(found, activations);
}

// Small networks of the other families; see export_classifiers.py.
class Classifier : public testing::TestWithParam<std::string> {
 protected:
  void expect_as_in_pytorch_at(const std::string& suffix, Executor executor) const {
    const auto reference = read_reference(GetParam());
    if (!reference.tensors.contains("picture" + suffix + ":0")) {  // PyTorch runs it at one size only
      EXPECT_TRUE(of_one_size());
      return;
    }
    auto options = options_of(GetParam(), {kClassesLayer});
    options.executor = executor;
    expect_as_in_pytorch(Network::load(options), reference, "picture" + suffix, "result" + suffix,
                         "gradient" + suffix);
  }
  static bool of_one_size() {
    const auto& name = GetParam();
    return name.starts_with("vit") || name == "swin" || name == "swin_v2" || name == "maxvit";
  }
};

TEST_P(Classifier, ResultAndGradientAreAsInPyTorch) {
  expect_as_in_pytorch_at("", Executor::autograd);
  expect_as_in_pytorch_at("", Executor::direct);
}

TEST_P(Classifier, AndAtAnotherSize) {
  expect_as_in_pytorch_at("2", Executor::direct);
}

TEST_P(Classifier, EveryLayerIsListedAndUsable) {
  constexpr std::int64_t kSide = 64;
  std::size_t spatial = 0;
  for (const auto& layer : list_layers(g_folder / (GetParam() + ".onnx"))) {
    EXPECT_TRUE(layer.usable) << layer.name;
    spatial += layer.scale > 1 ? 1 : 0;
    const bool fits = !layer.only_size || (of_one_size() && *layer.only_size == PictureSize{kSide, kSide});
    EXPECT_TRUE(fits) << layer.name;
  }
  EXPECT_GT(spatial, 5U) << "tokens have positions too";
  const auto network = Network::load(options_of(GetParam(), {kClassesLayer}));
  EXPECT_EQ(network.only_size().has_value(), of_one_size());
}

INSTANTIATE_TEST_SUITE_P(Families, Classifier,
                         testing::Values("shufflenet", "shufflenet_open", "vit", "vit_17", "swin",
                                         "swin_open", "swin_v2", "maxvit", "convnext", "efficientnet",
                                         "efficientnet_v2", "regnet_y", "mnasnet", "mobilenet_v3"),
                         [](const auto& entry) { return entry.param; });

INSTANTIATE_TEST_SUITE_P(Networks, Torchvision,
                         testing::Values("googlenet", "inception_v3", "resnet50", "vgg16", "squeezenet1_1",
                                         "densenet121", "mobilenet_v2", "alexnet"),
                         [](const auto& entry) { return entry.param; });

}  // namespace
}  // namespace dreamreel::network

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) return 64;
  dreamreel::network::g_folder = argv[1];
  return RUN_ALL_TESTS();
}
