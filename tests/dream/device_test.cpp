// Compares the ascent on the device under test with LibTorch's operators on the CPU.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/dream/ascend.h"
#include "support/device.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

// Rounding errors grow from step to step, and on a GPU products have TF32's 10 bits.
constexpr double kObjective = 0.01, kMeanOfPixels = 0.002;

AscentResult dreamed(const at::Device& device, network::Executor executor,
                     Parameterization parameterization = Parameterization::pixels) {
  const test::ScratchDir folder;
  network::LoadOptions load;
  load.path = test::write_tiny_network(folder.path());
  load.layers = {"mixed1", "relu3"};
  load.device = device;
  load.executor = executor;
  const auto network = network::Network::load(load);
  AscentOptions options;
  options.objectives = {{.layer = 0}, {.layer = 1, .weight = 0.5}};
  options.octaves = 2;
  options.iterations = 12;  // more passes of each size than run before one is recorded
  options.parameterization = parameterization;
  if (parameterization == Parameterization::pixels) {
    options.mask = at::ones({1, 60, 80}).to(device);
    options.mask.narrow(2, 0, 20).zero_();
  }
  auto result = ascend(network, noise_picture(60, 80).to(device), options, {1, 2, 0, 0});
  result.picture = result.picture.cpu();
  return result;
}

TEST(Device, DreamsAsTheReferenceDoes) {
  const auto expected = dreamed(at::kCPU, network::Executor::autograd);
  const auto got = dreamed(test::device(), network::Executor::fused);
  EXPECT_NEAR(got.objective, expected.objective, kObjective * expected.objective);
  EXPECT_LT((got.picture - expected.picture).abs().mean().item<double>(), kMeanOfPixels);
  EXPECT_TRUE(at::equal(got.picture.narrow(2, 0, 10), noise_picture(60, 80).narrow(2, 0, 10)));  // masked
}

TEST(Device, MovesPhasesAsTheReferenceDoes) {
  const auto expected = dreamed(at::kCPU, network::Executor::autograd, Parameterization::spectrum);
  const auto got = dreamed(test::device(), network::Executor::fused, Parameterization::spectrum);
  EXPECT_NEAR(got.objective, expected.objective, kObjective * expected.objective);
  EXPECT_LT((got.picture - expected.picture).abs().mean().item<double>(), kMeanOfPixels);
}

}  // namespace
}  // namespace dreamreel::dream
