#include "dreamreel/carry/hold.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace dreamreel::carry {
namespace {

constexpr float kLevel = 1.0F / 255;

at::Tensor random_picture() {
  at::manual_seed(1);
  return at::rand({3, 45, 67}) * 0.8 + 0.1;  // not a multiple of the cells' side
}

TEST(ShowTheSame, WhatCompressionAddsDoesNotCount) {
  const at::Tensor a = random_picture();
  EXPECT_TRUE(show_the_same(a, a));
  EXPECT_TRUE(show_the_same(a, a + (at::rand_like(a) - 0.5) * 2 * kLevel));  // 0.5 levels on the mean
  at::Tensor block = a.clone();
  block.narrow(1, 16, 8).narrow(2, 24, 8) += 7 * kLevel;
  EXPECT_TRUE(show_the_same(a, block));
}

TEST(ShowTheSame, NeitherAFadeNorAnythingSmallGoesUnseen) {
  const at::Tensor a = random_picture();
  EXPECT_FALSE(show_the_same(a, a + kLevel));
  EXPECT_FALSE(show_the_same(a, a - kLevel));
  at::Tensor dot =
      a.clone();  // four pixels turn white and four black, in the corner where cells are smallest
  dot.narrow(1, 41, 4).narrow(2, 65, 1).fill_(1);
  dot.narrow(1, 41, 4).narrow(2, 66, 1).fill_(0);
  EXPECT_FALSE(show_the_same(a, dot));
  at::Tensor one_channel = a.clone();
  one_channel[2].narrow(0, 8, 8).narrow(1, 8, 8) += 40 * kLevel;
  EXPECT_FALSE(show_the_same(a, one_channel));
}

}  // namespace
}  // namespace dreamreel::carry
