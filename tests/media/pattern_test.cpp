#include "pattern.h"

#include <gmock/gmock.h>

#include "support/files.h"

namespace dreamreel::media {
namespace {

TEST(NumberPattern, NamesFiles) {
  EXPECT_EQ(NumberPattern::parse("a/%06d.png")->file(12), "a/000012.png");
  EXPECT_EQ(NumberPattern::parse("%d.png")->file(1234567), "1234567.png");
  EXPECT_EQ(NumberPattern::parse("100%%_%3d.png")->file(7), "100%_007.png");
  EXPECT_FALSE(NumberPattern::parse("plain.png"));
  EXPECT_FALSE(NumberPattern::parse("%d_%d.png"));
  EXPECT_FALSE(NumberPattern::parse("%s.png"));
  EXPECT_FALSE(NumberPattern::parse("a%%d.png"));
}

TEST(NumberPattern, TakesWidthsOfOneOrTwoDigits) {
  EXPECT_EQ(NumberPattern::parse("%00d.png")->file(7), "7.png");
  EXPECT_EQ(NumberPattern::parse("%12d")->file(7), "000000000007");
  EXPECT_EQ(NumberPattern::parse("%%%d%%")->file(7), "%7%");
  for (const char* const name : {"%123d.png", "%", "a%", "%0", "%d%", "%-3d", "%%%", "%20C_%d.png"})
    EXPECT_FALSE(NumberPattern::parse(name)) << name;
}

TEST(NumberPattern, TakesNamesOfAnyLength) {
  const std::string endless(1 << 22, 'a'), percents(1 << 22, '%');
  EXPECT_FALSE(NumberPattern::parse(endless));
  EXPECT_FALSE(NumberPattern::parse(percents));
  EXPECT_EQ(NumberPattern::parse(endless + "%d")->file(1), endless + "1");
  EXPECT_EQ(NumberPattern::parse(percents + "%d")->file(1), percents.substr(percents.size() / 2) + "1");
}

TEST(NumberPattern, DoublesThePercentSignsOfTheFolderForImage2) {
  EXPECT_EQ(NumberPattern::parse("/My%20Clip/a%db/%04d.png")->url_path(), "/My%%20Clip/a%%db/%04d.png");
  EXPECT_EQ(NumberPattern::parse("%04d.png")->url_path(), "%04d.png");
}

TEST(NumberPattern, FindsItsFilesOnly) {
  const test::ScratchDir scratch;
  for (const std::string name :
       {"f010.png", "f009.png", "f1000.png", "f0011.png", "f8.png", "g010.png", "f010.jpg", "f.png"})
    test::write_file(scratch / name, "");
  EXPECT_THAT(NumberPattern::parse(scratch / "f%03d.png")->numbers(), testing::ElementsAre(9, 10, 1000));
}

}  // namespace
}  // namespace dreamreel::media
