#include "dreamreel/carry/deepen.h"
#include "dreamreel/flow/reliability.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dreamreel/image/frame.h"
#include "dreamreel/network/network.h"
#include "support/files.h"
#include "support/scenes.h"
#include "support/tiny_network.h"

namespace dreamreel::carry {
namespace {

constexpr std::int64_t kTextureHeight = 192, kTextureWidth = 256;

network::Network tiny() {
  const test::ScratchDir folder;
  network::LoadOptions options;
  options.path = test::write_tiny_network(folder.path());
  options.layers = {"mixed1"};
  return network::Network::load(options);
}

at::Tensor block(std::int64_t top, std::int64_t left, std::int64_t height, std::int64_t width) {
  at::Tensor map = at::zeros({1, kTextureHeight, kTextureWidth});
  map.narrow(1, top, height).narrow(2, left, width).fill_(1);
  return map;
}

flow::Distrust uncovered(const at::Tensor& map) {
  return {at::zeros_like(map), map, at::zeros_like(map)};
}

TEST(FreshPlaces, AreThickAndWereFoundInNoPast) {
  const at::Tensor place = block(60, 80, 40, 50);
  const auto fresh = fresh_places(uncovered(place), place);
  ASSERT_EQ(fresh.windows.size(), 1U);
  EXPECT_GT((fresh.map * place).sum().item<float>(), 0.9 * 40 * 50);
  EXPECT_LT((fresh.map * (1 - place)).sum().item<float>(), 0.2 * 40 * 50) << "soft, but not wide";
  EXPECT_TRUE(fresh_places(uncovered(place), place * 0.2).windows.empty()) << "found in a past";
  const at::Tensor thin = block(60, 80, 100, 5);
  EXPECT_TRUE(fresh_places(uncovered(thin), thin).windows.empty());
  const flow::Distrust edge{at::zeros_like(place), at::zeros_like(place), place};
  EXPECT_TRUE(fresh_places(edge, place).windows.empty()) << "nothing is new at an edge";
}

class Deepened : public testing::Test {
 protected:
  Deepened() {
    options_.objectives = {{.layer = 0}};
    options_.octaves = 2;
    options_.iterations = 3;
    options_.jitter = 4;
    source_ = test::wave_texture(kTextureHeight, kTextureWidth, 0, 0);
    const dream::Networks networks(network_);
    dream::AscentOptions whole = options_;
    whole.iterations = 6;
    dreamed_ = dream::ascend(networks, source_, whole, {1, 1, 0, 0}).picture;
    fresh_ = fresh_places(uncovered(place_), place_);
    start_ = image::lerp(dreamed_, source_, place_);
  }

  at::Tensor run(const at::Tensor& start, int rounds) {
    return deepened(dream::Networks(network_), start, source_, fresh_, options_, rounds, {1, 2, 0, 0},
                    [this](const dream::StepReport&) { ++steps_; });
  }
  double strength(const at::Tensor& picture) const {
    return ((picture - source_).abs().mean(0, true) * place_).sum().item<double>();
  }

  network::Network network_ = tiny();
  dream::AscentOptions options_;
  at::Tensor place_ = block(60, 80, 60, 70), source_, dreamed_, start_;
  FreshPlaces fresh_;
  int steps_ = 0;
};

TEST_F(Deepened, APlaceBecomesAsStrongAsWhatIsAroundIt) {
  EXPECT_EQ(strength(start_), 0);
  const at::Tensor picture = run(start_, 8);
  EXPECT_NEAR(strength(picture) / strength(dreamed_), 1, 0.35);
  EXPECT_GT(steps_, 0);
  EXPECT_LT(steps_, 8 * 3 * 2) << "no more rounds than it takes";
  EXPECT_TRUE(at::equal(picture, run(start_, 8)));
}

TEST_F(Deepened, NothingElseChanges) {
  const at::Tensor picture = run(start_, 2);
  const at::Tensor outside = fresh_.map.eq(0).expand_as(picture);
  EXPECT_TRUE(at::equal(picture.masked_select(outside), start_.masked_select(outside)));
}

TEST_F(Deepened, WhatIsStrongEnoughTakesNoStep) {
  const at::Tensor strong = dreamed_ + (dreamed_ - source_) * place_;
  EXPECT_TRUE(at::equal(run(strong, 8), strong));
  EXPECT_EQ(steps_, 0);
}

TEST_F(Deepened, ObjectivesWithAPlaceInThePictureAreLeftOut) {
  options_.objectives.front().kind = dream::Kind::neuron;
  options_.objectives.front().channels = {0};
  EXPECT_TRUE(at::equal(run(start_, 8), start_));
}

}  // namespace
}  // namespace dreamreel::carry
