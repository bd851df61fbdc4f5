#include "dreamreel/model/lesions.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/model/network_shelf.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

cards::Ablation random_lesion(const std::string& layer, double share) {
  cards::Ablation ablation;
  ablation.layer = layer;
  ablation.random = share;
  return ablation;
}

cards::Ablation lesion(const std::string& layer, std::vector<cards::ChannelRange> channels,
                       job::Curve amount = 1) {
  cards::Ablation ablation;
  ablation.layer = layer;
  ablation.channels = std::move(channels);
  ablation.amount = std::move(amount);
  return ablation;
}

TEST(LesionChannels, OfRangesAreSortedAndOnce) {
  EXPECT_THAT(lesion_channels(lesion("a", {{5, 7}, {0, 0}, {6, 6}}), 8, 0, 0), ElementsAre(0, 5, 6, 7));
  try {
    lesion_channels(lesion("mixed3", {{5, 8}}), 8, 0, 0);
    FAIL() << "expected a JobError";
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), HasSubstr("layer 'mixed3' has the channels 0 to 7, got 8"));
  }
}

TEST(LesionChannels, RandomOnesAreAShareThatTheSeedChooses) {
  const auto third = random_lesion("mixed3", 0.3);
  const auto channels = lesion_channels(third, 768, 7, 0);
  EXPECT_EQ(channels.size(), 230U);  // round(230.4)
  EXPECT_TRUE(std::ranges::is_sorted(channels));
  EXPECT_EQ(std::ranges::adjacent_find(channels), channels.end());
  EXPECT_LT(channels.front(), 20);
  EXPECT_GT(channels.back(), 747);
  EXPECT_EQ(lesion_channels(third, 768, 7, 0), channels);
  EXPECT_NE(lesion_channels(third, 768, 8, 0), channels) << "another seed";
  EXPECT_NE(lesion_channels(third, 768, 7, 1), channels) << "a second lesion of that layer";
  EXPECT_NE(lesion_channels(random_lesion("mixed4", 0.3), 768, 7, 0), channels) << "another layer";
  EXPECT_TRUE(lesion_channels(random_lesion("a", 0), 16, 7, 0).empty());
  EXPECT_EQ(lesion_channels(random_lesion("a", 1), 16, 7, 0).size(), 16U);
}

TEST(LesionChannels, AGrowingShareKeepsWhatItHas) {
  const auto few = lesion_channels(random_lesion("a", 0.2), 100, 7, 0);
  const auto many = lesion_channels(random_lesion("a", 0.5), 100, 7, 0);
  EXPECT_TRUE(std::ranges::includes(many, few));
}

class LesionsOfTiny : public testing::Test {
 protected:
  network::Network load(const cards::NetworkRef& ref) {
    network::LoadOptions options;
    options.path = path_;
    options.layers = {"relu1", "mixed1"};
    options.ablated = ablated_layers(ref);
    return network::Network::load(options);
  }
  static at::Tensor first_layer(const network::Network& network) {
    return network.forward(at::linspace(0, 1, std::int64_t{3} * 32 * 32).view({1, 3, 32, 32})).at(0);
  }

  test::ScratchDir scratch_;
  std::filesystem::path path_ = test::write_tiny_network(scratch_.path());
};

TEST_F(LesionsOfTiny, FollowTheirCurves) {
  cards::NetworkRef ref;
  const job::Curve rising({{{0, TimePoint::Unit::seconds}, 0.0}, {{2, TimePoint::Unit::seconds}, 1.0}});
  ref.ablate = {lesion("relu1", {{0, 3}}, rising), lesion("relu1", {{3, 4}}, 0.5)};
  auto network = load(ref);
  const auto whole = first_layer(network);
  Lesions lesions(ref, network, 0);
  lesions.apply(ref, {1, 24});
  const auto half = first_layer(network);
  EXPECT_TRUE(at::equal(half.select(1, 0), whole.select(1, 0) * 0.5));
  EXPECT_TRUE(at::equal(half.select(1, 3), whole.select(1, 3) * 0.25)) << "both lesions";
  EXPECT_TRUE(at::equal(half.select(1, 4), whole.select(1, 4) * 0.5));
  EXPECT_TRUE(at::equal(half.select(1, 5), whole.select(1, 5)));
  lesions.apply(ref, {2, 24});
  EXPECT_EQ(first_layer(network).narrow(1, 0, 4).abs().max().item<float>(), 0);
  lesions.apply(ref, {0, 24});
  EXPECT_TRUE(at::equal(first_layer(network).narrow(1, 0, 3), whole.narrow(1, 0, 3)));
}

TEST_F(LesionsOfTiny, ALayerThatNobodyDreamsBehindIsLeftAloneWithAMessage) {
  std::string said;
  set_log_sink([&](LogLevel, std::string_view line) { said += line; });
  cards::NetworkRef ref;
  ref.ablate = {lesion("relu3", {{0, 3}})};
  auto network = load(ref);
  const auto whole = first_layer(network);
  Lesions lesions(ref, network, 0);
  lesions.apply(ref, {0, 24});
  set_log_sink({});
  EXPECT_TRUE(at::equal(first_layer(network), whole));
  EXPECT_THAT(said, HasSubstr("layer 'relu3' is left alone"));
}

TEST_F(LesionsOfTiny, OfOneUserOfAShelfAreNotThoseOfAnother) {
  cards::NetworkRef hurt;
  hurt.ablate = {lesion("relu1", {{0, 7}})};
  network::LoadOptions options;
  options.path = path_;
  options.layers = {"relu1", "mixed1"};
  options.ablated = ablated_layers(hurt);
  NetworkShelf shelf;
  auto one = shelf.take(options);
  Lesions(hurt, *one, 0).apply(hurt, {0, 24});
  {
    const auto other = shelf.take(options);
    EXPECT_GT(first_layer(*other).abs().max().item<float>(), 0);
    EXPECT_EQ(first_layer(*one).abs().max().item<float>(), 0) << "the first user still has its lesions";
  }
  const auto* const kept = one.get();
  one.reset();
  const auto first = shelf.take(options), second = shelf.take(options);
  EXPECT_TRUE(first.get() == kept || second.get() == kept) << "what nobody has any more is used again";
  EXPECT_GT(first_layer(*first).abs().max().item<float>(), 0);
}

}  // namespace
}  // namespace dreamreel::model
