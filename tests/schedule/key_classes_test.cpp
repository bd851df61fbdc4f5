// Every key of the schema changes the keys of its class and no others.
#include "dreamreel/schedule/key_classes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "dreamreel/job/schema.h"
#include "key_world.h"
#include "support/key_changes.h"

namespace dreamreel::schedule {
namespace {

bool is_group(const std::string& path) {
  return std::ranges::any_of(job::schema(),
                             [&](const auto& key) { return key.path.starts_with(path + "."); });
}

TEST(KeyClasses, HaveAPlaceForEveryKeyOfTheSchema) {
  for (const auto& key : job::schema())
    EXPECT_TRUE(class_of(key.path).has_value())
        << key.path << ": say in src/schedule/key_classes.cpp what it matters to";
  EXPECT_FALSE(class_of("dream.nothing").has_value());
}

TEST_F(Jobs, EveryKeyChangesTheKeysOfItsClassAndNoOthers) {
  std::set<std::string> tried;
  for (const auto& [key, text, before, after] : test::all_key_changes()) {
    SCOPED_TRACE(key);
    tried.insert(key);
    std::vector<std::string> overrides;
    if (!before.empty()) overrides.push_back(before);
    const auto old = keys_of(World(job(text, overrides)));
    overrides.push_back(after);
    const auto now = keys_of(World(job(text, overrides)));
    const auto key_class = class_of(key);
    EXPECT_EQ(!changed(old.dream, now.dream).empty(),
              key_class == KeyClass::dream || key == "dream.mask.confine");
    EXPECT_EQ(!changed(old.shown, now.shown).empty(),
              key_class == KeyClass::dream || key_class == KeyClass::shown);
    EXPECT_EQ(!changed(old.parts, now.parts).empty(),
              key_class != KeyClass::finished && key_class != KeyClass::nothing);
  }
  for (const auto& key : job::schema()) {
    const bool has_no_value = is_group(key.path) || key.path == "extends" || key.path == "look" ||
                              key.path == "dream.journey.classes";
    EXPECT_TRUE(has_no_value || tried.contains(key.path)) << key.path << ": add a change of it to this test";
  }
}

}  // namespace
}  // namespace dreamreel::schedule
