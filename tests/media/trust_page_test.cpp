// docs/trust.md lists exactly the filters that a job may use.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "filter_list.h"
#include "support/files.h"

namespace dreamreel::media {
namespace {

constexpr std::string_view kBegin =
    "<!-- filters: made from src/media/filter_list.cpp; DREAMREEL_UPDATE_DOCS=1 media_test writes it -->\n";
constexpr std::string_view kEnd = "<!-- end of filters -->";
constexpr std::size_t kLineLength = 118;

std::string list() {
  std::vector<std::string> names;
  for (const auto& rule : filter_rules()) names.emplace_back(rule.name);
  std::ranges::sort(names);
  std::string text, line;
  for (const auto& name : names) {
    const std::string word = "`" + name + "`" + (name == names.back() ? "." : ",");
    if (!line.empty() && line.size() + 1 + word.size() > kLineLength) {
      text += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return text + line + "\n";
}

TEST(TrustPage, ListsTheFilters) {
  const auto page = std::filesystem::path(DREAMREEL_SOURCE_DIR) / "docs/trust.md";
  std::string text = test::read_file(page);
  const auto begin = text.find(kBegin), end = text.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto start = begin + kBegin.size();
  if (std::getenv("DREAMREEL_UPDATE_DOCS") != nullptr)
    test::write_file(page, text.replace(start, end - start, list()));
  else
    EXPECT_EQ(text.substr(start, end - start), list())
        << "to write it anew: DREAMREEL_UPDATE_DOCS=1 media_test --gtest_filter=TrustPage.*";
}

TEST(FilterList, NamesEachFilterOnce) {
  std::vector<std::string_view> names;
  for (const auto& rule : filter_rules()) names.push_back(rule.name);
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

}  // namespace
}  // namespace dreamreel::media
