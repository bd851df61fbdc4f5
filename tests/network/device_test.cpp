// Compares a network on the device under test with LibTorch's operators on the CPU.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "dreamreel/network/network.h"
#include "support/device.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::network {
namespace {

constexpr int kPasses = 12;  // more than run before one is recorded

Network load_tiny(const std::filesystem::path& path, const at::Device& device, Executor executor) {
  LoadOptions options;
  options.path = path;
  options.layers = {"mixed1", "relu3"};
  options.ablated = {"relu1"};
  options.device = device;
  options.executor = executor;
  return Network::load(options);
}

at::Tensor random_picture(int number, std::int64_t height, std::int64_t width) {
  at::manual_seed(static_cast<std::uint64_t>(number));
  return at::rand({1, 3, height, width});
}

// The wanted activations, and as the last tensor the gradient of the sum of their squares; all on the CPU.
std::vector<at::Tensor> pass(const Network& network, const at::Tensor& at_picture,
                             const std::vector<bool>& needed = {}) {
  const at::Tensor leaf = at_picture.to(network.device()).requires_grad_(true);
  std::vector<at::Tensor> outputs, cotangents, results;
  for (const auto& activation : network.forward(leaf, needed)) {
    if (!activation.defined()) continue;
    outputs.push_back(activation);
    cotangents.push_back(2 * activation.detach());
    results.push_back(activation.detach().cpu());
  }
  results.push_back(torch::autograd::grad(outputs, {leaf}, cotangents)[0].cpu());
  return results;
}

void expect_near(const std::vector<at::Tensor>& got, const std::vector<at::Tensor>& expected) {
  // Relative to the largest number: float32 in another order; on a GPU, products with TF32's 10 bits.
  constexpr double kTolerance = 3e-3;
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].sizes(), expected[i].sizes());
    EXPECT_LE((got[i] - expected[i]).abs().max().item<double>(),
              kTolerance * expected[i].abs().max().item<double>())
        << i;
  }
}

class Device : public testing::Test {
 protected:
  const test::ScratchDir folder;
  const std::filesystem::path path = test::write_tiny_network(folder.path());
  const Network reference = load_tiny(path, at::kCPU, Executor::autograd);
  Network network = load_tiny(path, test::device(), Executor::fused);
};

TEST_F(Device, GivesTheNumbersOfTheReferenceHoweverOftenASizeComes) {
  for (int i = 0; i < kPasses; ++i) {
    expect_near(pass(network, random_picture(i, 48, 64)), pass(reference, random_picture(i, 48, 64)));
    expect_near(pass(network, random_picture(i, 33, 47)), pass(reference, random_picture(i, 33, 47)));
    expect_near(pass(network, random_picture(i, 48, 64), {true, false}),
                pass(reference, random_picture(i, 48, 64), {true, false}));
  }
}

TEST_F(Device, ALesionIsAtWorkAtOnce) {
  Network lesioned = load_tiny(path, at::kCPU, Executor::autograd);
  std::vector<float> factors(static_cast<std::size_t>(reference.ablatable()[0].channels), 1);
  factors[2] = 0;
  lesioned.set_ablation(0, factors);
  for (int i = 0; i < kPasses; ++i) pass(network, random_picture(i, 48, 64));
  network.set_ablation(0, factors);
  expect_near(pass(network, random_picture(1, 48, 64)), pass(lesioned, random_picture(1, 48, 64)));
  network.set_ablation(0, {});
  expect_near(pass(network, random_picture(1, 48, 64)), pass(reference, random_picture(1, 48, 64)));
}

TEST_F(Device, ActivationsOutliveTheNextPass) {
  for (int i = 0; i < kPasses; ++i) pass(network, random_picture(i, 48, 64));
  const at::Tensor leaf = random_picture(1, 48, 64).to(network.device()).requires_grad_(true);
  const auto kept = network.forward(leaf);
  const at::Tensor before = kept[0].detach().clone();
  pass(network, random_picture(2, 48, 64));
  EXPECT_TRUE(at::equal(kept[0], before));
  const auto gradient =
      torch::autograd::grad({kept[0], kept[1]}, {leaf}, {2 * kept[0].detach(), 2 * kept[1].detach()});
  expect_near({gradient[0].cpu()}, {pass(reference, random_picture(1, 48, 64)).back()});
}

}  // namespace
}  // namespace dreamreel::network
