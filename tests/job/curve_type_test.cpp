#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;

struct CurveCase {
  const char* name;
  const char* yaml;    // the value of dream.opacity (0 to 1), on lines 5 and on
  const char* errors;  // all of the message
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
                  "job.yaml:5: dream.opacity: expected a number from 0 to 1 or keyframes, got an empty map"},
        CurveCase{"OutOfRange", "{0s: 0,\n 4s: 1.5,\n 96f: {value: -1}}",
                  "job.yaml:6: dream.opacity.4s: expected a number from 0 to 1, or {value: ..., ease: ...}, "
                  "got 1.5\n"
                  "job.yaml:7: dream.opacity.96f.value: expected a number from 0 to 1, got -1"},
        CurveCase{"NoTime", "{start: 0,\n -1s: 1, 1.5f: 1, 4 s: 1}",
                  "job.yaml:5: dream.opacity.start: expected a time such as 4s, 00:04.5 or 96f, got 'start'\n"
                  "job.yaml:6: dream.opacity.-1s: expected a time such as 4s, 00:04.5 or 96f, got '-1s'\n"
                  "job.yaml:6: dream.opacity.1.5f: expected a time such as 4s, 00:04.5 or 96f, got '1.5f'\n"
                  "job.yaml:6: dream.opacity.4 s: expected a time such as 4s, 00:04.5 or 96f, got '4 s'"},
        CurveCase{"OneTimeTwice", "{4s: 0,\n 00:04.0: 1}",
                  "job.yaml:6: dream.opacity.00:04.0: expected each time once, got 4s again"},
        CurveCase{"Ease", "{0s: {value: 0, ease: inout}}",
                  "job.yaml:5: dream.opacity.0s.ease: expected linear, hold, in, out, in_out or smooth, got "
                  "'inout'; did you mean 'in_out' or 'out'?"},
        CurveCase{"UnknownKey", "{0s: {value: 0, eas: in}}",
                  "job.yaml:5: dream.opacity.0s.eas: unknown key; did you mean 'ease'?"},
        CurveCase{"NoValue", "{0s: {ease: in}, 1s: ~}",
                  "job.yaml:5: dream.opacity.0s.value: missing; expected a number from 0 to 1\n"
                  "job.yaml:5: dream.opacity.1s: expected a number from 0 to 1, or {value: ..., ease: ...}, "
                  "got nothing"},
        CurveCase{
            "Expression", "{0s: 0, 1s: \"1+0.2*bass\"}",
            "job.yaml:5: dream.opacity.1s: expected a number from 0 to 1, or {value: ..., ease: ...}, got "
            "'1+0.2*bass' (expressions are not supported in this version; numbers and keyframes are)"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CurveType, KeyframesOfWholeNumbersMayBeFractions) {
  const JobFolder folder;
  const Job job = folder.load_text(test::with_dream("octaves: {0s: 1.5, 1s: 3}"));
  EXPECT_EQ(job.dream.octaves.min(), 1.5);
  EXPECT_EQ(job.dream.octaves.max(), 3);
}

TEST(CurveType, ReadsNumbersAsPeopleWriteThem) {
  const JobFolder folder;
  for (const char* const text : {"2", "+2", "2.0", "2e0", "'2'"})
    EXPECT_EQ(folder.load_text(test::with_dream(std::string("step: ") + text)).dream.step, Curve(2)) << text;
}

}  // namespace
}  // namespace dreamreel::job
