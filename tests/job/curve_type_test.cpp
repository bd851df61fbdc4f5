// Tests how curves are read (settings/types.h) and listed (job/curves.h). The tests are in this folder,
// because messages and listed paths name the keys of a whole job.
#include <gtest/gtest.h>

#include <algorithm>

#include "dreamreel/core/error.h"
#include "dreamreel/job/curves.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;

struct CurveCase {
  const char* name;
  const char* yaml;    // the value of dream.opacity (0 to 1), from line 5 on
  const char* errors;  // the whole message
};

void PrintTo(const CurveCase& test, std::ostream* out) {
  *out << test.name;
}

class CurveErrors : public testing::TestWithParam<CurveCase> {};

TEST_P(CurveErrors, NameTheKeyframe) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of("network: net\ninput: {path: i}\noutput: {path: o}\n"
                             "dream: {objectives: [{layer: a}], opacity:\n" +
                             std::string(GetParam().yaml) + "}\n"),
            GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Curve, CurveErrors,
    testing::Values(
        CurveCase{"Empty", "{}",
                  "job.yaml:5: dream.opacity: expected a number from 0 to 1, keyframes or an expression, got "
                  "an empty map"},
        CurveCase{
            "OutOfRange", "{0s: 0,\n 4s: 1.5,\n 96f: {value: -1}}",
            "job.yaml:6: dream.opacity.4s: expected a number from 0 to 1 or an expression, or {value: ..., "
            "ease: ...}, got 1.5\n"
            "job.yaml:7: dream.opacity.96f.value: expected a number from 0 to 1 or an expression, got -1"},
        CurveCase{
            "EaseBehindTheLastKey", "{0s: {value: 0, ease: in},\n 4s: {value: 1, ease: in_out},\n 2s: 1}",
            "job.yaml:6: dream.opacity.4s.ease: an ease shapes the stretch from its key to the next, and no "
            "key follows; write it at the key before"},
        CurveCase{"NoTime", "{start: 0,\n -1s: 1, 1.5f: 1, 4 s: 1}",
                  "job.yaml:5: dream.opacity.start: expected a time such as 4s, 00:04.5, 96f, 4bar or "
                  "2.5beat, got 'start'\n"
                  "job.yaml:6: dream.opacity.-1s: expected a time such as 4s, 00:04.5, 96f, 4bar or 2.5beat, "
                  "got '-1s'\n"
                  "job.yaml:6: dream.opacity.1.5f: expected a time such as 4s, 00:04.5, 96f, 4bar or "
                  "2.5beat, got '1.5f'\n"
                  "job.yaml:6: dream.opacity.4 s: expected a time such as 4s, 00:04.5, 96f, 4bar or 2.5beat, "
                  "got '4 s'"},
        CurveCase{"OneTimeTwice", "{4s: 0,\n 00:04.0: 1}",
                  "job.yaml:6: dream.opacity.00:04.0: expected each time once, got 4s again"},
        CurveCase{"Ease", "{0s: {value: 0, ease: inout}, 1s: 1}",
                  "job.yaml:5: dream.opacity.0s.ease: expected linear, hold, in, out, in_out or smooth, got "
                  "'inout'; did you mean 'in_out' or 'out'?"},
        CurveCase{"UnknownKey", "{0s: {value: 0, eas: in}}",
                  "job.yaml:5: dream.opacity.0s.eas: unknown key; did you mean 'ease'?"},
        CurveCase{"NoValue", "{0s: {ease: in}, 1s: ~}",
                  "job.yaml:5: dream.opacity.0s.value: missing; expected a number from 0 to 1\n"
                  "job.yaml:5: dream.opacity.1s: expected a number from 0 to 1 or an expression, or {value: "
                  "..., ease: ...}, got nothing"},
        CurveCase{"ExpressionInAKeyframe", "{0s: 0, 1s: \"1+0.2*bas\"}",
                  "job.yaml:5: dream.opacity.1s: expected a number from 0 to 1 or an expression, or {value: "
                  "..., ease: ...}, got '1+0.2*bas': at character 7, unknown variable bas; did you mean "
                  "'bass', 'bar' or 'beat'?"},
        CurveCase{"Expression", "\"sin(t\"",
                  "job.yaml:5: dream.opacity: expected a number from 0 to 1, keyframes or an expression, got "
                  "'sin(t': at character 4, this \"(\" is never closed"},
        CurveCase{"ExpressionOfNothing", "\"3/2\"",
                  "job.yaml:5: dream.opacity: expected a number from 0 to 1, keyframes or an expression, got "
                  "'3/2', which is 1.5"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CurveType, KeyframesOfWholeNumbersMayBeFractions) {
  const JobFolder folder;
  const Job job = folder.load_text(test::with_dream("octaves: {0s: 1.5, 1s: 3}"));
  EXPECT_EQ(job.dream.octaves.min(), 1.5);
  EXPECT_EQ(job.dream.octaves.max(), 3);
}

TEST(CurveType, ExpressionsComeBackAsTheyWereWritten) {
  const JobFolder folder;
  for (const char* const text : {"0.5+0.5*sin(2*PI*t/4)", "clip(bass, 0, 1)",
                                 "{0s: {value: \"beat*0.5\", ease: in}, 2s: 0}", "-t+1", "1/2", "t^2;t"}) {
    const bool map = text[0] == '{';
    const Job job = folder.load_text(
        test::with_dream(std::string("opacity: ") + (map ? text : "\"" + std::string(text) + "\"")));
    EXPECT_EQ(folder.load_text(to_yaml(job)).dream.opacity, job.dream.opacity) << to_yaml(job);
    EXPECT_EQ(job.dream.opacity.expressions().size(), 1U);
  }
}

TEST(Curves, AreListedByTheirKeys) {
  const JobFolder folder;
  const Job job = folder.load_text(test::with_dream("opacity: \"t/2\""));
  const auto curves = list_curves(job);
  const auto named = [&](const std::string& path) {
    return std::ranges::find(curves, path, &settings::NamedCurve::path) != curves.end();
  };
  for (const char* const path :
       {"dream.objectives.0.weight", "dream.opacity", "temporal.blend", "camera.zoom", "camera.pan.1"})
    EXPECT_TRUE(named(path)) << path;
  EXPECT_FALSE(named("dream.objectives.0.selectivity")) << "a key of other kinds";
  EXPECT_EQ(std::ranges::find(curves, "dream.opacity", &settings::NamedCurve::path)->curve,
            &job.dream.opacity);
}

TEST(Curves, OutOfRangeIsSaidWithKeyFrameAndValue) {
  const JobFolder folder;
  const Job job = folder.load_text(test::with_dream("opacity: \"t/2\""));
  const auto curves = list_curves(job);
  settings::check_curves(curves, {2, 24, 48});
  try {
    settings::check_curves(curves, {3, 24, 72});
    FAIL() << "1.5 was accepted";
  } catch (const JobError& error) {
    EXPECT_STREQ(error.what(),
                 "dream.opacity: expected a number from 0 to 1, but 't/2' gives 1.5 at frame 72 (3 s); keep "
                 "it in range with clip(..., min, max)");
  }
}

TEST(Curves, TheFirstThatNeedsSoundIsFound) {
  const JobFolder folder;
  const Job silent = folder.load_text(test::with_dream("opacity: \"t/2\""));
  EXPECT_EQ(settings::first_that_needs_sound(list_curves(silent)), nullptr);
  const Job loud = folder.load_text(test::with_dream("step: {0s: 1, 1s: \"1+bass\"}, opacity: \"t/2\""));
  const auto curves = list_curves(loud);
  ASSERT_NE(settings::first_that_needs_sound(curves), nullptr);
  EXPECT_EQ(settings::first_that_needs_sound(curves)->path, "dream.step");
}

TEST(CurveType, ReadsNumbersAsPeopleWriteThem) {
  const JobFolder folder;
  for (const char* const text : {"2", "+2", "2.0", "2e0", "'2'"})
    EXPECT_EQ(folder.load_text(test::with_dream(std::string("step: ") + text)).dream.step, Curve(2)) << text;
}

}  // namespace
}  // namespace dreamreel::job
