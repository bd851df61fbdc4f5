#include "dreamreel/core/printable.h"

#include <gtest/gtest.h>

namespace dreamreel {
namespace {

TEST(Printable, LeavesWhatAnybodyCanReadAsItIs) {
  for (const char* const text : {"", "clip.mp4", "C:\\clips", "übung 夢 🙂", "a b%d'\"$`"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(printable_lines(text), text);
  }
}

TEST(Printable, ShowsControlCharactersAndLineBreaks) {
  EXPECT_EQ(printable("a\nb\r\tc\x1b[2Jd\x7f"), "a\\nb\\r\\tc\\x1b[2Jd\\x7f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");  // C1's CSI
}

TEST(Printable, ShowsWhatEndsALineOrTurnsTheTextAround) {
  EXPECT_EQ(printable("a\xe2\x80\xa8"
                      "b"),
            "a\\u2028b");
  EXPECT_EQ(printable("gpj.\xe2\x80\xae"), "gpj.\\u202e");
}

TEST(Printable, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("\xfc"
                      "bung"),
            "\\xfcbung");
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m");
  EXPECT_EQ(printable("\xc0\x8a"), "\\xc0\\x8a");           // an overlong line break
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half of a surrogate pair
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80");           // an incomplete character
}

TEST(Printable, KeepsLinesWhereTheyAreMeant) {
  EXPECT_EQ(printable_lines("a:\n\tb\x1b[m\r\n"), "a:\n\tb\\x1b[m\\r\n");
}

TEST(Printable, TellsUtf8AndControlCharacters) {
  EXPECT_TRUE(is_utf8("übung 🙂\n"));
  EXPECT_FALSE(is_utf8("\xfc"));
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
  EXPECT_TRUE(has_control_characters("a\nb"));
  EXPECT_TRUE(has_control_characters("\x7f"));
  EXPECT_FALSE(has_control_characters("übung\xfc"));
}

}  // namespace
}  // namespace dreamreel
