#include "dreamreel/core/random.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace dreamreel {
namespace {

// Known answers published with the reference implementation (Random123 kat_vectors, philox4x32 10).
TEST(Philox, ReproducesThePublishedVectors) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, EveryPartOfTheKeyChangesTheDraw) {
  const RandomKey key{7, 100, 2, 3};
  std::set<std::uint32_t> draws{random_u32(key, Purpose::jitter_x)};
  draws.insert(random_u32(key, Purpose::jitter_y));
  draws.insert(random_u32(key, Purpose::jitter_x, 1));
  draws.insert(random_u32({8, 100, 2, 3}, Purpose::jitter_x));
  draws.insert(random_u32({7, 101, 2, 3}, Purpose::jitter_x));
  draws.insert(random_u32({7, 100 + (std::int64_t{1} << 32), 2, 3}, Purpose::jitter_x));
  draws.insert(random_u32({7, 100, 3, 3}, Purpose::jitter_x));
  draws.insert(random_u32({7, 100, 2, 4}, Purpose::jitter_x));
  EXPECT_EQ(draws.size(), 8U);
}

TEST(Random, IntegersCoverTheRangeEvenly) {
  std::vector<int> counts(5);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const auto value = random_int({1, 0, 0, 0}, Purpose::jitter_x, -2, 2, i);
    ASSERT_GE(value, -2);
    ASSERT_LE(value, 2);
    ++counts[static_cast<std::size_t>(value + 2)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);  // five standard deviations
}

TEST(Random, FillsHaveTheRightMomentsAndDoNotDependOnLength) {
  std::vector<float> uniform(100003), normal(100003), head(10);
  fill_uniform(uniform, {3, 4, 0, 0}, Purpose::start_noise);
  fill_normal(normal, {3, 4, 0, 0}, Purpose::start_noise);
  fill_normal(head, {3, 4, 0, 0}, Purpose::start_noise);
  EXPECT_TRUE(std::equal(head.begin(), head.end(), normal.begin()));
  double uniform_mean = 0, mean = 0, square = 0;
  for (const float value : uniform) {
    ASSERT_TRUE(value >= 0 && value < 1);
    uniform_mean += value / 100003.0;
  }
  for (const float value : normal) {
    mean += value / 100003.0;
    square += double{value} * value / 100003.0;
  }
  EXPECT_NEAR(uniform_mean, 0.5, 0.005);
  EXPECT_NEAR(mean, 0, 0.02);
  EXPECT_NEAR(square, 1, 0.03);
}

}  // namespace
}  // namespace dreamreel
