#include "dreamreel/core/time.h"

#include <gtest/gtest.h>

namespace dreamreel {
namespace {

TEST(ParseTime, ReadsEveryFormPeopleWrite) {
  const auto seconds = [](double value) { return TimePoint{value, TimePoint::Unit::seconds}; };
  EXPECT_EQ(parse_time("4s"), seconds(4));
  EXPECT_EQ(parse_time("12.5s"), seconds(12.5));
  EXPECT_EQ(parse_time("4"), seconds(4));
  EXPECT_EQ(parse_time("250ms"), seconds(0.25));
  EXPECT_EQ(parse_time("00:04.5"), seconds(4.5));
  EXPECT_EQ(parse_time("1:02:03.25"), seconds(3723.25));
  EXPECT_EQ(parse_time("96f"), (TimePoint{96, TimePoint::Unit::frames}));
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "s", "-1s", "4 s", "4x", "1.5f", "0:61", "1:2:3:4", "1.5:00", "nan", "inf", "1e3s", ":", "4:"})
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
}

TEST(ParseTime, RoundTripsThroughText) {
  for (const char* text : {"4s", "0.1s", "96f", "3723.25s"}) EXPECT_EQ(to_string(*parse_time(text)), text);
}

TEST(ParseTime, CountsInBeatsAndBarsWhereThereIsASound) {
  EXPECT_EQ(parse_time_on_sound("4bar"), (TimePoint{4, TimePoint::Unit::bars}));
  EXPECT_EQ(parse_time_on_sound("8bars"), (TimePoint{8, TimePoint::Unit::bars}));
  EXPECT_EQ(parse_time_on_sound("2.5beat"), (TimePoint{2.5, TimePoint::Unit::beats}));
  EXPECT_EQ(parse_time_on_sound("0beats"), (TimePoint{0, TimePoint::Unit::beats}));
  EXPECT_EQ(parse_time_on_sound("96f"), parse_time("96f"));
  EXPECT_EQ(parse_time_on_sound("250ms"), parse_time("250ms"));
  for (const char* text : {"bar", "-1bar", "1 bar", "xbeat", "1:00bar", "1barss", "1bar2beat", "4bart"})
    EXPECT_EQ(parse_time_on_sound(text), std::nullopt) << text;
  for (const char* text : {"4bar", "2.5beat"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
    EXPECT_EQ(to_string(*parse_time_on_sound(text)), text);
  }
}

TEST(ParseTime, TheSmallestAndLargestNumbersKeepTheirDigits) {
  for (const double seconds : {1e-30, 1e-300, 1e30, 1e300}) {
    const auto text = to_string(TimePoint{seconds, TimePoint::Unit::seconds});
    ASSERT_TRUE(parse_time(text)) << text;
    EXPECT_EQ(parse_time(text)->value, seconds) << text;
  }
}

TEST(TimePoint, FramesBecomeSecondsAtTheGivenRate) {
  EXPECT_DOUBLE_EQ(parse_time("96f")->seconds(24), 4);
  EXPECT_DOUBLE_EQ(parse_time("4s")->seconds(24), 4);
}

TEST(ParseRate, KnowsFractionsDecimalsAndTheNtscFamily) {
  EXPECT_EQ(parse_rate("24"), (Rational{24, 1}));
  EXPECT_EQ(parse_rate("30000/1001"), (Rational{30000, 1001}));
  EXPECT_EQ(parse_rate("50/2"), (Rational{25, 1}));
  EXPECT_EQ(parse_rate("23.976"), (Rational{24000, 1001}));
  EXPECT_EQ(parse_rate("29.97"), (Rational{30000, 1001}));
  EXPECT_EQ(parse_rate("12.5"), (Rational{25, 2}));
  for (const char* text : {"0", "-1", "24/0", "x", "", "1/2/3"})
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
}

}  // namespace
}  // namespace dreamreel
