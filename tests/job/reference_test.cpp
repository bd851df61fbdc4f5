// Tests that docs/job.md contains exactly the keys, defaults and ranges of the schema.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "dreamreel/job/schema.h"
#include "support/files.h"

namespace dreamreel::job {
namespace {

constexpr std::string_view kBegin =
    "<!-- keys: made from src/job/schema.cpp; DREAMREEL_UPDATE_DOCS=1 job_test writes it -->\n";
constexpr std::string_view kEnd = "<!-- end of keys -->";

TEST(Reference, IsInTheDocumentation) {
  const auto page = std::filesystem::path(DREAMREEL_SOURCE_DIR) / "docs/job.md";
  std::string text = test::read_file(page);
  const auto begin = text.find(kBegin);
  const auto end = text.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto start = begin + kBegin.size();
  const std::string expected = reference_markdown();
  if (std::getenv("DREAMREEL_UPDATE_DOCS") != nullptr)
    test::write_file(page, text.replace(start, end - start, expected));
  else
    EXPECT_EQ(text.substr(start, end - start), expected)
        << "to write it anew: DREAMREEL_UPDATE_DOCS=1 job_test --gtest_filter=Reference.*";
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
