#include "dreamreel/settings/value.h"

#include <gtest/gtest.h>

#include <chrono>

#include "dreamreel/core/error.h"
#include "dreamreel/settings/problems.h"

namespace dreamreel::settings {
namespace {

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

const auto kSource = std::make_shared<const Source>(Source{"a.yaml", "/"});

std::string errors_of_yaml(const std::string& text) {
  Problems problems;
  const auto tree = parse_yaml(text, kSource, problems);
  EXPECT_EQ(tree.has_value(), problems.empty());
  try {
    problems.throw_if_any();
  } catch (const JobError& error) {
    return error.what();
  }
  return "";
}

TEST(ParseYaml, KeepsLinesAndOrder) {
  Problems problems;
  const auto tree = parse_yaml("b: 1\na:\n  - x\n  - {c: ~}\n", kSource, problems);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->entries[0].key, "b");
  const Value* const list = tree->find("a");
  ASSERT_TRUE(list != nullptr && list->is_list());
  EXPECT_EQ(list->items[1].place.line, 4);
  EXPECT_TRUE(list->items[1].find("c")->is_null());
  EXPECT_EQ(tree->find("absent"), nullptr);
}

TEST(ParseYaml, AliasesRepeatTheirAnchor) {
  Problems problems;
  const auto tree = parse_yaml("a: &x {k: 1}\nb: *x\n", kSource, problems);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("b")->find("k")->text, "1");
}

TEST(ParseYaml, RefusesDepth) {
  EXPECT_EQ(errors_of_yaml(repeated("[", 32) + repeated("]", 32)), "");
  EXPECT_EQ(errors_of_yaml(repeated("[", 33) + repeated("]", 33)),
            "a.yaml:1: not valid YAML: more than 32 levels deep");
  EXPECT_NE(errors_of_yaml(repeated("[", 100'000)), "");
  EXPECT_NE(errors_of_yaml(repeated("{a: ", 100'000)), "");
  EXPECT_NE(errors_of_yaml(repeated("- ", 100'000)), "");
}

TEST(ParseYaml, RefusesDepthMadeOfAliases) {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 40; ++i)
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_EQ(errors_of_yaml(text), "a.yaml:31: not valid YAML: more than 32 levels deep");
}

TEST(ParseYaml, RefusesAnAliasBomb) {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(alias + ", ", 9) + alias +
            "]\n";
  }
  EXPECT_TRUE(errors_of_yaml(text).ends_with("not valid YAML: more than 200000 values"))
      << errors_of_yaml(text);
}

TEST(ParseYaml, RefusesRepeatingALongText) {
  const std::string text = "a: &a " + std::string(1 << 20, 'x') + "\nb: [" + repeated("*a,", 10'000) + "]\n";
  EXPECT_EQ(errors_of_yaml(text), "a.yaml:2: not valid YAML: more than 200000 values");
}

TEST(ParseYaml, RefusesAnAliasOfItself) {
  EXPECT_EQ(errors_of_yaml("a: &x [*x]\n"), "a.yaml:1: not valid YAML: an alias inside what it repeats");
}

TEST(ParseYaml, RefusesLargeTexts) {
  EXPECT_EQ(errors_of_yaml("a: [" + repeated("1,", 200'001) + "]"),
            "a.yaml:1: not valid YAML: more than 200000 values");
  EXPECT_EQ(errors_of_yaml("a: " + std::string(kMaxBytes, 'x')), "a.yaml:1: expected at most 4 MiB of YAML");
}

}  // namespace
}  // namespace dreamreel::settings
