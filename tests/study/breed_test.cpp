#include "dreamreel/study/breed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "dreamreel/core/error.h"

namespace dreamreel::study {
namespace {

using Overrides = std::vector<std::string>;
using testing::AnyOf;
using testing::StartsWith;

double number_of(const std::string& override) {
  return std::strtod(override.c_str() + override.find('=') + 1, nullptr);
}

TEST(Breed, TheSameParentsHaveTheSameChildren) {
  const Overrides first{"dream.step=1", "seed=3"}, second{"dream.step=2", "seed=4"};
  EXPECT_EQ(breed(first, second, 8), breed(first, second, 8));
  EXPECT_NE(breed(first, second, 8), breed(first, {"dream.step=2", "seed=5"}, 8));
}

TEST(Breed, AValueIsAParentsOrNearBoth) {
  std::set<std::string> looks;
  for (const auto& child : breed({"look=agate", "dream.step=1", "dream.octaves=4"},
                                 {"look=argus", "dream.step=2", "dream.octaves=5"}, 24)) {
    ASSERT_EQ(child.size(), 3U);
    looks.insert(child[0]);
    EXPECT_THAT(child[1], StartsWith("dream.step="));
    EXPECT_GE(number_of(child[1]), 0.75);
    EXPECT_LE(number_of(child[1]), 2.5);
    EXPECT_THAT(child[2], AnyOf("dream.octaves=3", "dream.octaves=4", "dream.octaves=5", "dream.octaves=6"));
  }
  EXPECT_EQ(looks, (std::set<std::string>{"look=agate", "look=argus"}));
}

TEST(Breed, StaysWithinTheRangeOfTheKey) {
  for (const auto& child :
       breed({"dream.opacity=1", "dream.objectives.0.weight=-2"}, {"dream.opacity=0.9"}, 24)) {
    EXPECT_LE(number_of(child[0]), 1) << child[0];
    EXPECT_GT(number_of(child[0]), 0.6) << child[0];
    EXPECT_LT(number_of(child[1]), -1.4) << "of the first parent alone: " << child[1];
  }
}

TEST(Breed, NoChildIsLikeAnotherOrAParent) {
  const Overrides first{"look=agate"}, second{"look=argus"};
  const auto children = breed(first, second, 12);
  std::set<Overrides> all(children.begin(), children.end());
  EXPECT_EQ(all.size(), 12U);
  EXPECT_FALSE(all.contains(first) || all.contains(second));
  EXPECT_THAT(children.front().back(), StartsWith("seed=")) << "nothing else could differ";
  EXPECT_EQ(breed({"seed=1"}, {"seed=1"}, 6).size(), 6U) << "a variation with itself";
}

TEST(Breed, RefusesWhatIsNoOverride) {
  EXPECT_THROW(breed({"step"}, {"seed=1"}, 2), UsageError);
  EXPECT_THROW(breed({"=1"}, {"seed=1"}, 2), UsageError);
  EXPECT_THROW(breed({}, {}, 2), UsageError);
}

}  // namespace
}  // namespace dreamreel::study
