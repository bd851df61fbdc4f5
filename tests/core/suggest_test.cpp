#include "dreamreel/core/suggest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dreamreel {
namespace {

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("octaves", "ocatves"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("Mixed5", "mixed5"), 0U);
}

TEST(ClosestNames, RanksAndLimits) {
  const std::vector<std::string> names{"mixed0", "mixed5", "conv2d_1", "mixed5", "inception_4c/output"};
  EXPECT_THAT(closest_names("mixd5", names, 2), testing::ElementsAre("mixed5", "mixed0"));
  EXPECT_THAT(closest_names("4c/output", names), testing::ElementsAre("inception_4c/output"));
  EXPECT_THAT(closest_names("zzzzzzzz", names), testing::IsEmpty());
}

TEST(ClosestNames, TakesNoTimeForListsAndNamesOfAnyLength) {
  const std::string endless(1 << 20, 'a');
  EXPECT_THAT(closest_names(endless, std::vector<std::string>(50, endless)), testing::IsEmpty());
  EXPECT_THAT(closest_names("step", {endless, "stpe"}), testing::ElementsAre("stpe"));
  std::vector<std::string> many(1'000'000, "xxxxxxxx");
  many.back() = "mixed5";
  EXPECT_THAT(closest_names("mixed5", many), testing::IsEmpty());
}

TEST(DidYouMean, ReadsLikeASentence) {
  EXPECT_EQ(did_you_mean("stpe", {"step", "seed"}), "; did you mean 'step'?");
  EXPECT_EQ(did_you_mean("mixed", {"mixed1", "mixed2"}), "; did you mean 'mixed1' or 'mixed2'?");
  EXPECT_EQ(did_you_mean("q", {"step"}), "");
}

}  // namespace
}  // namespace dreamreel
