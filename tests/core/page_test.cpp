#include "dreamreel/core/page.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dreamreel {
namespace {

TEST(Page, TextsStandBetweenTheTagsOfAPage) {
  EXPECT_EQ(escape_html("<b title=\"a & b\">"), "&lt;b title=&quot;a &amp; b&quot;&gt;");
  EXPECT_EQ(escape_html("it's"), "it's");
}

TEST(Page, EachNameIsReplaced) {
  EXPECT_EQ(fill_page("<h1>{{name}}</h1>{{text}}", {{"name", "a"}, {"text", "b"}}), "<h1>a</h1>b");
  EXPECT_EQ(fill_page("{{name}} {{name}}", {{"name", "a"}}), "a a");
  EXPECT_EQ(fill_page("{{name}}{{text}}", {{"name", "{{text}}"}, {"text", "b"}}), "{{text}}b")
      << "a stranger's name asks for nothing";
  EXPECT_EQ(fill_page("no names", {}), "no names");
}

TEST(Page, AMissingPartIsAMistakeOfThePage) {
  EXPECT_THROW(fill_page("{{name}}", {}), std::out_of_range);
  EXPECT_THROW(fill_page("{{name", {{"name", "a"}}), std::out_of_range);
}

}  // namespace
}  // namespace dreamreel
