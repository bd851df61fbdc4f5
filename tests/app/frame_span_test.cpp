#include "frame_span.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/error.h"

namespace dreamreel::app {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    parse_span(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(FrameSpan, HasNumbersAndTimes) {
  EXPECT_EQ(parse_span("").name(), "");
  EXPECT_EQ(parse_span("100..148").name(), "100-148");
  EXPECT_EQ(parse_span("4bar..8bars").name(), "4bar-8bar");
  EXPECT_EQ(parse_span("2.5beat").name(), "2.5beat");
  EXPECT_EQ(parse_span("..4bar").begin, (TimePoint{0, TimePoint::Unit::frames}));
  EXPECT_EQ(parse_span("..5s").begin.unit, TimePoint::Unit::seconds);
  EXPECT_EQ(parse_span("5s..1000bar").end, (TimePoint{1000, TimePoint::Unit::bars})) << "known with the job";
}

TEST(FrameSpan, AFallingOneIsTurned) {
  EXPECT_EQ(refusal("8bar..4bar"),
            "--frames: expected an end after the beginning, got '8bar..4bar', which ends at 4bar and begins "
            "at 8bar; "
            "write 4bar..8bar");
  EXPECT_THAT(refusal("9..3"), EndsWith("write 3..9"));
  EXPECT_THAT(refusal("5s..2s"), EndsWith("write 2s..5s"));
  EXPECT_EQ(
      refusal("4bar..4bar"),
      "--frames: expected an end after the beginning, got '4bar..4bar', which ends before its first frame");
  EXPECT_THAT(refusal("..0"), HasSubstr("expected an end after the beginning"));
}

TEST(FrameSpan, AMistypedOneGetsAHint) {
  EXPECT_THAT(refusal("4 bar"), EndsWith("got '4 bar'; write 4bar, without blanks"));
  EXPECT_THAT(refusal("4bar .. 8 bar"), EndsWith("write 4bar..8bar, without blanks"));
  EXPECT_THAT(refusal("4Bar..8Bar"), EndsWith("write 4bar..8bar"));
  EXPECT_THAT(refusal("4bar-8bar"), EndsWith("write 4bar..8bar"));
  EXPECT_THAT(refusal("100...148"), EndsWith("write 100..148"));
  for (const char* const below : {"-4bar", "-4bar..8bar", "2s..-1s", "-1..4"})
    EXPECT_THAT(refusal(below), HasSubstr("no number is below 0")) << below;
  for (const char* const wrong :
       {"4baz", "..", "a..b", "2.5..4", "1..2..3", " ", "9999999999999", "4bar..1e999bar"})
    EXPECT_THAT(refusal(wrong), HasSubstr("--frames: expected A..B (half-open)")) << wrong;
}

}  // namespace
}  // namespace dreamreel::app
