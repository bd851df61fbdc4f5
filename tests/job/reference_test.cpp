// Tests that docs/job.md contains exactly the keys, defaults and ranges of the schema, and docs/sound.md the
// variables of the sound.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "dreamreel/core/sound_levels.h"
#include "dreamreel/job/reference.h"
#include "dreamreel/job/schema.h"
#include "support/files.h"

namespace dreamreel::job {
namespace {

constexpr std::string_view kBegin =
    "<!-- keys: made from src/job/schema.cpp; DREAMREEL_UPDATE_DOCS=1 job_test writes it -->\n";
constexpr std::string_view kEnd = "<!-- end of keys -->";
constexpr std::string_view kBeginVariables =
    "<!-- variables: made from core/sound_levels.h; DREAMREEL_UPDATE_DOCS=1 job_test writes it -->\n";
constexpr std::string_view kEndVariables = "<!-- end of variables -->";

// Compares what stands between two lines of a page with the text that belongs there.
void expect_in_page(const char* name, std::string_view begin_line, std::string_view end_line,
                    const std::string& expected) {
  const auto page = std::filesystem::path(DREAMREEL_SOURCE_DIR) / "docs" / name;
  std::string text = dreamreel::test::read_file(page);
  const auto begin = text.find(begin_line);
  const auto end = text.find(end_line);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto start = begin + begin_line.size();
  if (std::getenv("DREAMREEL_UPDATE_DOCS") != nullptr)
    dreamreel::test::write_file(page, text.replace(start, end - start, expected));
  else
    EXPECT_EQ(text.substr(start, end - start), expected)
        << "to write it anew: DREAMREEL_UPDATE_DOCS=1 job_test --gtest_filter=Reference.*";
}

TEST(Reference, IsInTheDocumentation) {
  expect_in_page("job.md", kBegin, kEnd, reference_markdown());
}

TEST(Reference, TheVariablesOfTheSoundAreInTheDocumentation) {
  std::string table = "| variable | |\n| --- | --- |\n";
  for (const auto& variable : kSoundVariables)
    table += "| `" + std::string(variable.name) + "` | " + std::string(variable.sentence) + " |\n";
  expect_in_page("sound.md", kBeginVariables, kEndVariables, table);
}

TEST(Schema, EveryKeyIsOnceAndDocumented) {
  std::set<std::string> paths;
  for (const auto& key : schema()) {
    EXPECT_TRUE(paths.insert(key.path).second) << key.path;
    EXPECT_FALSE(key.doc.empty() || key.type.empty()) << key.path;
  }
  for (const char* const path : {"dream.step", "dream.objectives.N.weight", "camera.pan", "input.noise.size",
                                 "output.video.options", "network.mean", "temporal.noise", "extends"})
    EXPECT_TRUE(paths.contains(path)) << path;
}

}  // namespace
}  // namespace dreamreel::job
