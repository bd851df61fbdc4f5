#include "pictures.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <string>

namespace dreamreel::studio {
namespace {

// A picture as it is read from a file, by blocks: small, in a string that has room for far more.
std::string small_picture() {
  std::string jpeg;
  jpeg.reserve(128 << 10);
  jpeg.assign(1000, 'x');
  return jpeg;
}

TEST(Pictures, KeepsTheLatest) {
  Pictures pictures(2500);
  for (const char* const name : {"a", "b", "c"}) pictures.keep(name, std::string(1000, *name));
  EXPECT_FALSE(pictures.find("a").has_value());
  EXPECT_EQ(pictures.find("b")->front(), 'b');
  EXPECT_EQ(pictures.find("c")->size(), 1000U);
}

TEST(Pictures, TakesNoMoreMemoryThanItsPicturesHave) {
  Pictures pictures;
  const auto before = mallinfo2();
  for (int i = 0; i < 1000; ++i) pictures.keep(std::to_string(i), small_picture());
  const auto after = mallinfo2();
  const auto taken = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
  EXPECT_LT(taken, std::size_t{4} << 20) << "bytes, of which pictures have a million";
}

}  // namespace
}  // namespace dreamreel::studio
