#include "dreamreel/curve/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/curve/curve.h"
#include "dreamreel/curve/expression.h"

namespace dreamreel::curve {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Unit = SeriesRules::Unit;

SeriesRules column(const std::string& name) {
  SeriesRules rules;
  rules.column = name;
  return rules;
}

SeriesRules in(Unit unit) {
  SeriesRules rules;
  rules.unit = unit;
  return rules;
}

SeriesRules held(SeriesRules rules = {}) {
  rules.holds = true;
  return rules;
}

CurveTime at_frame(double frame, double rate = 24) {
  CurveTime time;
  time.frame = frame;
  time.frames_per_second = rate;
  time.seconds = frame / rate;
  return time;
}

CurveTime at_second(double seconds) {
  return at_frame(seconds * 24);
}

std::vector<double> at_seconds(const Series& series, const std::vector<double>& seconds) {
  std::vector<double> values;
  for (const double second : seconds) values.push_back(series.at(at_second(second)));
  return values;
}

// "LINE: MESSAGE" for each mistake.
std::vector<std::string> faults(const std::string& text, const SeriesRules& rules = {}) {
  std::vector<std::string> lines;
  try {
    const Series series(text, rules);
  } catch (const SeriesError& error) {
    for (const auto& [line, message] : error.faults()) lines.push_back(std::to_string(line) + ": " + message);
  }
  return lines;
}

TEST(Series, GoesInStraightLinesAndHoldsItsEnds) {
  const Series series("time,value\n1,10\n3,20\n", {});
  EXPECT_THAT(at_seconds(series, {0, 1, 1.5, 3, 99}), ElementsAre(10, 10, 12.5, 20, 20));
  EXPECT_EQ(series.count(), 2U);
  EXPECT_EQ(series.first_time(), 1);
  EXPECT_EQ(series.last_time(), 3);
  EXPECT_EQ(series.least(), 10);
  EXPECT_EQ(series.most(), 20);
  EXPECT_THAT(at_seconds(Series("5\n", {}), {0, 9}), ElementsAre(5, 5)) << "a single value";
}

TEST(Series, HoldsEachValue) {
  const Series series("1,10\n2,20\n3,30\n", held());
  EXPECT_THAT(at_seconds(series, {0, 1, 1.95, 2, 2.5, 3, 4}), ElementsAre(10, 10, 10, 20, 20, 30, 30));
}

// A table may say 0.042 for a frame at 1/24 s, and a jump is two values at one time.
TEST(Series, ARoundedTimeCountsForItsFrame) {
  const Series steps("0,1\n0.042,2\n0.083,3\n", held());
  EXPECT_EQ(steps.at(at_frame(1)), 2);
  EXPECT_EQ(steps.at(at_frame(2)), 3) << "0.083 lies before the frame";
  EXPECT_EQ(steps.at(at_frame(0.9)), 1);
  const Series jump("0,1\n0.042,1\n0.042,5\n2,5\n", {});
  EXPECT_EQ(jump.at(at_frame(0)), 1);
  EXPECT_EQ(jump.at(at_frame(1)), 5);
  EXPECT_EQ(Series("0,1\n1,2\n1,7\n2,8\n", {}).at(at_second(1)), 7) << "the last one counts";
}

TEST(Series, TimesHaveTheUnitOfTheirHeadingOrOfTheRules) {
  EXPECT_EQ(Series("frame,x\n0,0\n24,1\n", {}).at(at_frame(12)), 0.5);
  EXPECT_EQ(Series("n,x\n0,0\n24,1\n", {}).unit(), Unit::frames);
  EXPECT_EQ(Series("time (ms),x\n0,0\n2000,1\n", {}).at(at_second(1)), 0.5);
  EXPECT_EQ(Series("timestamp_ms,x\n0,0\n2000,1\n", {}).last_time(), 2);
  EXPECT_EQ(Series("t,x\n0,0\n2,1\n", {}).at(at_second(1)), 0.5);
  EXPECT_EQ(Series("frame_time (s),x\n0,0\n2,1\n", {}).unit(), Unit::seconds) << "the last word counts";
  EXPECT_EQ(Series("time in frames,x\n0,0\n2,1\n", {}).unit(), Unit::frames);
  EXPECT_EQ(Series("frame,x\n0,0\n2,1\n", in(Unit::seconds)).at(at_second(1)), 0.5);
  EXPECT_EQ(Series("0,0\n24,1\n", in(Unit::frames)).at(at_frame(12)), 0.5);
  EXPECT_EQ(Series("0,0\n24,1\n", in(Unit::frames)).at(at_frame(12, 60)), 0.5) << "frames of the job";
  SeriesRules rules = in(Unit::frames);
  rules.rate = 48;
  EXPECT_EQ(Series("0,0\n24,1\n", rules).at(at_second(0.25)), 0.5) << "frames of another program";
}

TEST(Series, ValuesWithoutTimesAreOneAFrame) {
  const Series frames("level\n0\n1\n4\n", {});
  EXPECT_EQ(frames.at(at_frame(1.5)), 2.5);
  EXPECT_EQ(frames.unit(), Unit::frames);
  SeriesRules rules;
  rules.rate = 10;
  EXPECT_DOUBLE_EQ(Series("0\n1\n4\n", rules).at(at_second(0.15)), 2.5);
  EXPECT_EQ(Series("7,0\n7,1\n7,4\n", column("2")).first_time(), 7);
  EXPECT_EQ(Series("7,0\n8,1\n", column("1")).at(at_frame(1)), 8) << "the first column is no time here";
}

TEST(Series, CountsTheBeatsOfTheSound) {
  const BeatGrid grid({0.5, 1, 1.5, 2}, 120, 2);
  const auto at = [&](const Series& series, double seconds) {
    CurveTime time = at_second(seconds);
    time.beats = &grid;
    return series.at(time);
  };
  const std::string text = "0,10\n2,20\n";
  EXPECT_EQ(at(Series(text, in(Unit::beats)), 0), 10);
  EXPECT_EQ(at(Series(text, in(Unit::beats)), 1), 15);
  EXPECT_EQ(at(Series(text, in(Unit::bars)), 1.5), 15);
  EXPECT_EQ(at(Series(text, held(in(Unit::beats))), 1.49), 20) << "in the frame in which the beat falls";
  EXPECT_THAT(faults("beat,x\n0,1\n"), ElementsAre(HasSubstr("set time: beats")));
}

TEST(Series, ColumnsAreFoundByHeadingOrNumber) {
  const std::string text = "t, Zoom ,\"pan, left\",2\n0,1,2,3\n";
  EXPECT_EQ(Series(text, column("Zoom")).at({}), 1);
  EXPECT_EQ(Series(text, column("zoom")).at({}), 1);
  EXPECT_EQ(Series(text, column("pan, left")).at({}), 2);
  EXPECT_EQ(Series(text, column("3")).at({}), 2);
  EXPECT_EQ(Series(text, column("2")).at({}), 3) << "a heading comes before a number";
  SeriesRules rules = column("1");
  rules.time_column = "2";
  EXPECT_EQ(Series("5,0\n6,1\n", rules).at(at_second(0.5)), 5.5);
  EXPECT_THAT(faults(text, column("zom")),
              ElementsAre(HasSubstr("1: column: expected one of the columns \"t\", \"Zoom\"")));
  EXPECT_THAT(faults(text),
              ElementsAre("1: set column to one of the columns \"t\", \"Zoom\", \"pan, left\", \"2\""));
  EXPECT_THAT(faults("t,a,a\n0,1,2\n", column("a")),
              ElementsAre(HasSubstr("2 columns have the heading \"a\"")));
  EXPECT_EQ(Series("t,a\n0,1\n", column("t")).unit(), Unit::frames) << "the first column is no time here";
}

TEST(Series, TablesOfOtherProgramsAreRead) {
  EXPECT_EQ(Series("\xef\xbb\xbft;x\r\n0;0,5\r\n2;1,5\r\n", {}).at(at_second(1)), 1) << "a decimal comma";
  EXPECT_EQ(Series("t\tx\n0\t1e1\n", {}).at({}), 10);
  EXPECT_EQ(Series("0.0  1.5 \n1.0  2.5\n", {}).at(at_second(1)), 2.5) << "blanks";
  EXPECT_EQ(Series("   0.0    1.5\n   1.0   12.5\n", {}).at(at_second(1)), 12.5) << "aligned on the right";
  EXPECT_EQ(Series("# a sensor\n\n  \nt,x\n# pause\n0,1\r1,3\r", {}).at(at_second(1)), 3)
      << "lines of old Macs";
  EXPECT_EQ(Series("t,x\n\"0\",\"+2.5\"", {}).at({}), 2.5) << "no end of line";
  EXPECT_EQ(Series("t,x,note\n0,1,\"two\nlines\"\n1,2,\n", column("x")).at(at_second(1)), 2);
  EXPECT_EQ(Series("0,1,ok\n1,2,ok\n", column("2")).count(), 2U) << "text behind the time is no heading";
  EXPECT_EQ(Series("t,x\n0,1\n1,\n2,3\n", {}).at(at_second(1)), 2) << "a gap is passed over";
}

TEST(Series, EveryMistakeOfATableIsToldWithItsLine) {
  EXPECT_THAT(faults("t,x\n0,1\n1,abc\n2\n3,nan\n2,5\n"),
              ElementsAre("3: column 2 (x): expected a number, got \"abc\"", "4: expected 2 columns, got 1",
                          "5: column 2 (x): expected a number, got \"nan\""));
  EXPECT_THAT(faults("t,x\n0,1\n3,2\n2,5\n"),
              ElementsAre("4: column 1 (t): expected times that rise, got 2 after a later one in line 3"));
  EXPECT_THAT(faults("nan,1\n2,5\n"), ElementsAre("1: column 1: expected a number, got \"nan\""));
  EXPECT_THAT(faults("-inf,1\n2,5\n"), ElementsAre(HasSubstr("expected a number, got \"-inf\"")));
  EXPECT_THAT(faults("t,x\n,1\n"), ElementsAre("2: column 1 (t): expected a time, got nothing"));
  EXPECT_THAT(faults("t,x\n0,\"1\n2,3\n"), ElementsAre("2: this quote is never closed"));
  EXPECT_THAT(faults("t,x\n0,\"1\"2\n"), ElementsAre(HasSubstr("2: expected the next column")));
  EXPECT_THAT(faults("t,x\n0,1e13\n"), ElementsAre(HasSubstr("expected a number from -1e12 to 1e12")));
  EXPECT_THAT(faults("t,x\n1e10,1\n"), ElementsAre(HasSubstr("expected a time from -1e9 to 1e9")));
  EXPECT_THAT(faults("t,x\n"), ElementsAre("0: expected at least one value, got none"));
  EXPECT_THAT(faults(""), ElementsAre("0: expected at least one row, got none"));
  EXPECT_THAT(faults(std::string("0,1\n1,\0002\n", 9)),
              ElementsAre("2: expected a table of text, got a NUL character"));
  EXPECT_THAT(faults("\xff\xfet"), ElementsAre(HasSubstr("UTF-16")));
  SeriesRules rules;
  rules.rate = 10;
  EXPECT_THAT(faults("t,x\n0,1\n", rules),
              ElementsAre(HasSubstr("1: rate: expected none beside times in seconds")));
  EXPECT_THAT(faults("1\n2\n", in(Unit::seconds)), ElementsAre(HasSubstr("the file has no times")));
  std::string many = "t,x\n";
  for (int i = 0; i < 100; ++i) many += "0,no\n";
  EXPECT_EQ(faults(many).size(), SeriesError::kMostFaults);
}

TEST(Series, AFileHasBounds) {
  EXPECT_THAT(faults(std::string(kMostSeriesBytes + 1, ' ')),
              ElementsAre("0: expected at most 64 MiB, got more"));
  std::string lines;
  for (std::size_t i = 0; i <= kMostSeriesValues; ++i) lines += "1\n";
  EXPECT_THAT(faults(lines), ElementsAre("1000001: expected at most 1000000 values, got more"));
  lines.resize(2 * kMostSeriesValues);
  EXPECT_EQ(Series(lines, {}).count(), kMostSeriesValues);
  EXPECT_THAT(faults(std::string(20'000, ',')), ElementsAre(HasSubstr("at most 10000 columns")));
}

// The form of Parseq's export: only rendered_frames has a value for every frame.
constexpr const char* kParseq = R"({
 "meta": {"generated_by": "sd_parseq"},
 "options": {"bpm": 140, "output_fps": 20},
 "keyframes": [{"frame": 0, "zoom": 1, "zoom_i": "C"}, {"frame": 2, "zoom": ""}],
 "rendered_frames": [
  {"frame": 0, "deforum_prompt": "a", "zoom": 1.0, "zoom_delta": 1},
  {"frame": 1, "deforum_prompt": "b", "zoom": 1.5, "zoom_delta": 1.5},
  {"frame": 2, "deforum_prompt": "c", "zoom": 2.5, "zoom_delta": 1.66}
 ]
})";

TEST(Series, ParseqsExportHasAColumnForEachField) {
  const Series zoom(kParseq, column("zoom"));
  EXPECT_EQ(zoom.count(), 3U);
  EXPECT_EQ(zoom.unit(), Unit::frames);
  EXPECT_EQ(zoom.at(at_frame(1)), 1.5);
  EXPECT_EQ(zoom.at(at_frame(1.5)), 2);
  EXPECT_EQ(Series(kParseq, column("zoom_delta")).most(), 1.66);
  SeriesRules rules = column("zoom");
  rules.rate = 20;
  EXPECT_DOUBLE_EQ(Series(kParseq, rules).at(at_second(0.05)), 1.5);
  rules.list = "keyframes";
  EXPECT_EQ(Series(kParseq, rules).count(), 1U) << "an empty text is no value";
  EXPECT_THAT(faults(kParseq, column("deforum_prompt")),
              ElementsAre("6: column 2 (deforum_prompt): expected a number, got \"a\"",
                          "7: column 2 (deforum_prompt): expected a number, got \"b\"",
                          "8: column 2 (deforum_prompt): expected a number, got \"c\""));
  EXPECT_THAT(faults(kParseq, column("zom")),
              ElementsAre(HasSubstr("6: column: expected one of the columns")));
  rules.list = "frames";
  EXPECT_THAT(faults(kParseq, rules), ElementsAre(AllOf(HasSubstr("\"keyframes\", \"rendered_frames\""),
                                                        HasSubstr("got \"frames\""))));
}

TEST(Series, JsonHasListsOfNumbersListsAndObjects) {
  EXPECT_EQ(Series("[1, 2, 4]", {}).at(at_frame(1.5)), 3);
  EXPECT_EQ(Series(" [[0, 1], [2, 3]]", {}).at(at_second(1)), 2);
  EXPECT_EQ(Series(R"([{"time": 0, "v": 1}, {"v": 3, "time": 2}])", {}).at(at_second(1)), 2)
      << "in any order";
  EXPECT_EQ(Series(R"({"data": [[0, 1], [2, 3]]})", {}).at(at_second(1)), 2) << "the only list";
  EXPECT_EQ(Series("[1, null, 4]", {}).count(), 2U);
  EXPECT_EQ(Series("[null, null, 4, 5]", {}).first_time(), 2);
  EXPECT_EQ(Series(R"([null, {"frame": 1, "zoom": 4}, null, {"frame": 3, "zoom": 6}])", {}).at(at_frame(2)),
            5);
  EXPECT_EQ(Series("[1, null, 4]", {}).at(at_frame(1)), 2.5);
  EXPECT_EQ(Series(R"([{"v": "0.5", "other": {"deep": [1, [2]]}}])", column("v")).at({}), 0.5);
}

TEST(Series, ObjectsOfJsonMayLeaveOutKeys) {
  const std::string text = R"([{"frame": 0, "zoom": 1}, {"frame": 10, "pan": 4}, {"frame": 20, "pan": 8}])";
  EXPECT_EQ(Series(text, column("pan")).at(at_frame(15)), 6);
  EXPECT_EQ(Series(text, column("zoom")).count(), 1U);
  EXPECT_THAT(faults(text, column("pam")),
              ElementsAre(AllOf(HasSubstr("\"pan\""), HasSubstr("did you mean"))));
  EXPECT_THAT(faults(R"([{"v": 1}, {"v": 3, "frame": 10}])", column("v")),
              ElementsAre(HasSubstr("expected a time, got nothing")))
      << "only a later object has a time";
  EXPECT_EQ(faults(R"([{"v": "x"}, {"time": 1, "v": 2}])", column("v")).size(), 1U) << "told once";
}

TEST(Series, EveryMistakeOfJsonIsToldWithItsLine) {
  EXPECT_THAT(
      faults("[[0, 1],\n [1, true],\n [2, [3]],\n 7,\n [3]\n]"),
      ElementsAre("2: column 2: expected a number, got true", "3: column 2: expected a number, got a list"));
  EXPECT_THAT(faults("[[0, 1],\n[1, 2]\n[2, 3]]"), ElementsAre(HasSubstr("3: no JSON at line 3, column 1")));
  EXPECT_THAT(faults("[[0, 1], {\"t\": 1}]"), ElementsAre(HasSubstr("all lists, or all objects")));
  EXPECT_THAT(faults("[]"), ElementsAre("0: expected at least one value, got none"));
  EXPECT_THAT(faults("{\"a\": 1}"), ElementsAre(HasSubstr("the lists in it, which are none")));
  EXPECT_THAT(faults(std::string(100'000, '[')), ElementsAre(HasSubstr("no JSON")));
  EXPECT_THAT(faults("[1, 1e999]"), ElementsAre(HasSubstr("1: no JSON")));
}

// Values by name, as a job gives them.
class Named : public OwnValues {
 public:
  double at(const std::string& variable, const CurveTime& time) const override {
    if (variable == "knob") return time.seconds;
    return variable == "bass.onset" ? 7 : variable == "drums.beat" ? 0.5 : 0;
  }
};

TEST(Series, ObjectsOfJsonHaveTheKeysOfAllOfThem) {
  const std::string sparse = R"([{"frame": 0, "a": 1}, {"frame": 5, "a": 2, "b": 3}])";
  EXPECT_THAT(faults(sparse),
              ElementsAre(HasSubstr(R"(set column to one of the columns "frame", "a", "b")")));
  EXPECT_THAT(faults(sparse, column("b")), IsEmpty());
  EXPECT_THAT(faults(R"([{"a": 1}, {"frame": 5, "a": 2}])"), Not(IsEmpty())) << "the first one has no time";
}

TEST(Series, AColumnOfDecimalCommasIsOneColumn) {
  const Series series("value\n0,5\n0,75\n", {});
  EXPECT_EQ(series.count(), 2U);
  EXPECT_EQ(series.at(at_frame(0)), 0.5);
  EXPECT_EQ(series.at(at_frame(1)), 0.75);
  for (const char* const text : {"time,value\n0,0,5\n1,0,75\n", "0,1\n1,0,75\n"})
    EXPECT_THAT(faults(text), testing::Contains(HasSubstr(
                                  "expected 2 columns, got 3; if its commas are decimal, separate the "
                                  "columns by semicolons, or write points")))
        << text;
  EXPECT_THAT(faults("time,value\n0,5,\n"), IsEmpty()) << "nothing stands behind the last comma";
}

TEST(Series, SeveralAreReadInOneGo) {
  const std::string table = "time,a,b,c\n0,1,3,x\n1,2,4,y\n";
  const std::string list = R"({"note": [1], "rows": [{"t": 0, "a": 1}, {"t": 1, "a": 2, "b": 3, "c": "y"}]})";
  for (const auto& text : {table, list}) {
    std::vector<SeriesRules> rules{column("a"), column("b"), column("c"), column("d")};
    for (auto& rule : rules) rule.list = text == list ? "rows" : "";
    const auto results = read_series(text, rules);
    ASSERT_EQ(results.size(), 4U);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const auto* const series = std::get_if<Series>(&results[i]);
      ASSERT_EQ(series != nullptr, i < 2) << i;
      if (series != nullptr) {
        EXPECT_EQ(series->at(at_second(1)), Series(text, rules[i]).at(at_second(1))) << i;
      } else {
        EXPECT_EQ(std::get<SeriesError>(results[i]).faults().front().message,
                  faults(text, rules[i]).front().substr(3))
            << i;
      }
    }
  }
}

TEST(OwnVariables, AreReadByName) {
  const std::vector<OwnVariable> own{{"knob"}, {"knob_2"}, {"bass.onset"}, {"drums.beat"}, {"pads", true}};
  const Named named;
  SoundLevels levels;
  levels.bass = 0.25;
  CurveTime time = at_second(3);
  time.own = &named;
  time.sound = &levels;
  EXPECT_EQ(Expression("knob*2", own).at(time), 6);
  EXPECT_EQ(Expression("bass+bass.onset", own).at(time), 7.25) << "a stem may have the name of a variable";
  EXPECT_EQ(Expression("st(0, drums.beat); ld(0)+t+n", own).at(time), 0.5 + 3 + 72);
  EXPECT_EQ(Expression("knob", own).at({}), 0);
  const Expression mixed("max(knob, drums . beat) + knob_2 + loudness", own);
  EXPECT_THAT(mixed.variables(), ElementsAre("drums.beat", "knob", "knob_2", "loudness"));
  EXPECT_EQ(mixed.own_variables().size(), 3U);
  EXPECT_TRUE(Curve(mixed).reads_own_variables());
  EXPECT_FALSE(Curve(Expression("bass", own)).reads_own_variables());
  EXPECT_FALSE(Expression("drums.beat", own).uses_sound()) << "a stem is not the job's sound";
  EXPECT_TRUE(Expression("pads", own).counts_beats());
  EXPECT_TRUE(Expression("pads", own).uses_sound());
}

TEST(OwnVariables, UnknownNamesAreExplained) {
  const std::vector<OwnVariable> own{{"knob"}, {"drums.onset"}};
  const auto why = [&](const std::string& text) -> std::string {
    try {
      const Expression expression(text, own);
    } catch (const ExpressionError& error) {
      return std::to_string(error.position()) + ": " + error.what();
    }
    return "";
  };
  EXPECT_EQ(why("1+knop"), "2: unknown variable knop; did you mean 'knob'?");
  EXPECT_EQ(why("drums.onse"), "0: unknown variable drums.onse; did you mean 'drums.onset'?");
  EXPECT_THAT(why("drums"), testing::StartsWith("0: unknown variable drums"));
  EXPECT_EQ(why("knob(1)"), "4: expected an operator or the end, got \"(\"");
  std::vector<OwnVariable> many;
  std::string sum = "0";
  for (std::size_t i = 0; i <= kMostOwnVariables; ++i) {
    many.push_back({"v" + std::to_string(i)});
    sum += "+v" + std::to_string(i);
  }
  EXPECT_THROW(Expression(sum, many), ExpressionError);
}

TEST(OwnVariables, SomeNamesAreTaken) {
  for (const char* const good : {"knob", "_", "Zoom_2", "x"}) EXPECT_EQ(why_no_name(good, false), "") << good;
  for (const char* const bad : {"", "2x", "a-b", "a.b", "t", "bass", "sin", "PI", "info", "NaNo", "st",
                                "a234567890123456789012345678901234"})
    EXPECT_NE(why_no_name(bad, false), "") << bad;
  EXPECT_EQ(why_no_name("bass", true), "") << "bass.onset is another name";
  EXPECT_NE(why_no_name("infra", true), "");
}

}  // namespace
}  // namespace dreamreel::curve
