#include "value.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "dreamreel/core/error.h"
#include "job_files.h"
#include "problems.h"

namespace dreamreel::job {
namespace {

using test::repeated;

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

// Any bytes give either a tree or a message, and never another exception.
TEST(ParseYaml, SurvivesMutations) {
  const std::string seed =
      "extends: a\ninput: {path: &p x, trim: [1s, ~]}\ndream:\n  objectives:\n    - {layer: m, weight: {0s: "
      "1, 4s: {value: 2, ease: in}}}\n  step: !!float 2\n? k\n: |\n  text\nb: *p\n";
  const std::string alphabet = "{}[]:,-?*&!|>'\"%@`# \n\t~0a\xff\xc3";
  std::mt19937 random(1);
  const test::JobFolder folder;
  int refused = 0;
  constexpr int kRounds = 500;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = seed;
    for (int change = 0; change <= round % 6; ++change) {
      const auto at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, 1 + random() % 4);
      else
        text.insert(at, 1, alphabet[random() % alphabet.size()]);
    }
    folder.write("job.yaml", text);
    try {
      folder.load();
    } catch (const JobError&) {
      ++refused;
    }
  }
  EXPECT_EQ(refused, kRounds) << "none of them is a whole job";
}

}  // namespace
}  // namespace dreamreel::job
