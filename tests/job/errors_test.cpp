#include <gtest/gtest.h>

#include <algorithm>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kMinimal;
using test::with_dream;

struct ErrorCase {
  const char* name;
  std::string yaml;
  std::string errors;  // the whole message
};

void PrintTo(const ErrorCase& test, std::ostream* out) {
  *out << test.name;
}

class JobErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(JobErrors, SayFileLineKeyAndWhatWasExpected) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of(GetParam().yaml), GetParam().errors);
}

const auto kNameOf = [](const auto& test) { return std::string(test.param.name); };

INSTANTIATE_TEST_SUITE_P(
    Keys, JobErrors,
    testing::Values(
        ErrorCase{"Unknown", with_dream("stpe: 2"),
                  "job.yaml:4: dream.stpe: unknown key; did you mean 'step'?"},
        ErrorCase{"UnknownAtTheTop", kMinimal + "tempral: {}\n",
                  "job.yaml:5: tempral: unknown key; did you mean 'temporal'?"},
        ErrorCase{"KnownElsewhere", kMinimal + "zoom: 1.3\n",
                  "job.yaml:5: zoom: unknown key; did you mean 'camera.zoom'?"},
        ErrorCase{
            "KnownInAListOfNamesOnly", kMinimal + "camera: {column: 1}\n",
            "job.yaml:5: camera.column: unknown key; the keys here are zoom, rotate, pan, pivot, border"},
        ErrorCase{"KnownInTwoPlaces", kMinimal + "camera: {strength: 1}\n",
                  "job.yaml:5: camera.strength: unknown key; did you mean 'dream.strength' or "
                  "'colour.strength'?"},
        ErrorCase{
            "UnknownWithNothingNear", kMinimal + "camera: {qqqqqqqq: 1}\n",
            "job.yaml:5: camera.qqqqqqqq: unknown key; the keys here are zoom, rotate, pan, pivot, border"},
        ErrorCase{"UnknownInAList",
                  "network: net\ninput: {path: i}\noutput: {path: o}\ndream:\n  objectives:\n"
                  "    - layer: a\n    - layer: b\n      wieght: 2\n",
                  "job.yaml:8: dream.objectives.1.wieght: unknown key; did you mean 'weight'?"},
        ErrorCase{"Duplicate", kMinimal + "seed: 1\nseed: 2\n",
                  "job.yaml:6: seed: expected each key once, got it again (first on line 5)"},
        ErrorCase{"NotAWord", kMinimal + "{a: b}: 1\n",
                  "job.yaml:5: not valid YAML: a key must be a plain word"},
        ErrorCase{
            "EmptyFile", "",
            "job.yaml:1: output.path: missing; expected a path\n"
            "job.yaml:1: network: expected a card name, a path ending in .onnx, or a map with a path or a "
            "card, got 'inception_v3'; the cards are net\n"
            "job.yaml:1: input: expected either input.path or input.noise, got neither"},
        ErrorCase{"NoObjectives",
                  "network: net\ninput: {path: i}\noutput: {path: o}\ndream:\n  objectives: []\n",
                  "job.yaml:5: dream.objectives: expected a list of at least one map, got an empty list"},
        ErrorCase{
            "NoLayer",
            "network: net\ninput: {path: i}\noutput: {path: o}\ndream:\n  objectives:\n    - ~\n"
            "    - {weight: 1}\n    - mixed3\n",
            "job.yaml:6: dream.objectives.0.layer: missing; expected the name of a layer\n"
            "job.yaml:7: dream.objectives.1.layer: missing; expected the name of a layer\n"
            "job.yaml:8: dream.objectives.2: expected a map with the keys layer, weight, mask, kind, "
            "network, channels, at, class, image, images, size, match, selectivity, rivals, vector, got "
            "'mixed3'"},
        ErrorCase{"BothInputs",
                  "network: net\ninput:\n  path: i\n  noise: {}\noutput: {path: o}\n"
                  "dream: {objectives: [{layer: a}]}\n",
                  "job.yaml:4: input.noise: expected either input.path or input.noise, got both"},
        ErrorCase{"RateOfNoiseInTheWrongPlace",
                  "network: net\ninput: {noise: {}, fps: 24}\noutput: {path: o}\ndream: {objectives: "
                  "[{layer: a}]}\n",
                  "job.yaml:2: input.fps: expected input.noise.fps for noise, got input.fps"},
        ErrorCase{"OutputOverInput",
                  "network: net\ninput: {path: a/../i.mp4}\noutput: {path: i.mp4}\ndream: {objectives: "
                  "[{layer: a}]}\n",
                  "job.yaml:3: output.path: expected another file than input.path, got 'i.mp4'"}),
    kNameOf);

INSTANTIATE_TEST_SUITE_P(
    Values, JobErrors,
    testing::Values(
        ErrorCase{
            "OutOfRange", with_dream("octaves: 0, step: 100.5, octave_scale: 1, jitter: -1"),
            "job.yaml:4: dream.octaves: expected a whole number from 1 to 20, keyframes or an expression, "
            "got 0\n"
            "job.yaml:4: dream.octave_scale: expected a number above 1 and at most 4, keyframes or an "
            "expression, got 1\n"
            "job.yaml:4: dream.step: expected a number from 0 to 100, keyframes or an expression, got 100.5\n"
            "job.yaml:4: dream.jitter: expected a whole number from 0 to 512, keyframes or an expression, "
            "got -1"},
        ErrorCase{"NotWhole", with_dream("iterations: 2.5"),
                  "job.yaml:4: dream.iterations: expected a whole number from 0 to 1000, keyframes or an "
                  "expression, got 2.5"},
        ErrorCase{"NotANumber", with_dream("step: fast, jitter: [1]"),
                  "job.yaml:4: dream.step: expected a number from 0 to 100, keyframes or an expression, got "
                  "'fast': at character 1, unknown variable fast; did you mean 'fps' or 'bass'?\n"
                  "job.yaml:4: dream.jitter: expected a whole number from 0 to 512, keyframes or an "
                  "expression, got a list of 1"},
        ErrorCase{"NotFinite",
                  with_dream("step: .nan, opacity: inf, octaves: 1e999") + "camera: {rotate: -.inf}\n",
                  "job.yaml:4: dream.octaves: expected a whole number from 1 to 20, keyframes or an "
                  "expression, got 1e999, which is inf\n"
                  "job.yaml:4: dream.step: expected a number from 0 to 100, keyframes or an expression, got "
                  "'.nan': at character 1, expected a value, got \".\"\n"
                  "job.yaml:4: dream.opacity: expected a number from 0 to 1, keyframes or an expression, got "
                  "'inf'\n"
                  "job.yaml:5: camera.rotate: expected a number from -1e+05 to 1e+05, keyframes or an "
                  "expression, got '-.inf': at character 2, expected a value, got \".\""},
        ErrorCase{"Expression", with_dream("opacity: \"0.6+0.3*sine(t)\""),
                  "job.yaml:4: dream.opacity: expected a number from 0 to 1, keyframes or an expression, got "
                  "'0.6+0.3*sine(t)': at character 9, unknown function sine(); did you mean 'sin', 'sinh' or "
                  "'asin'?"},
        ErrorCase{
            "Choice", kMinimal + "temporal: {flow: diss, carry: 2, cuts: [], occlusion: maybe}\n",
            "job.yaml:5: temporal.flow: expected dis, best, farneback or none, got 'diss'; did you mean "
            "'dis'?\n"
            "job.yaml:5: temporal.carry: expected detail or image, got 2\n"
            "job.yaml:5: temporal.occlusion: expected true or false, got 'maybe'\n"
            "job.yaml:5: temporal.cuts: expected auto, none, a time, an expression, or a list of these, got "
            "an "
            "empty list"},
        ErrorCase{
            "Cuts", kMinimal + "temporal: {cuts: [auto, none, 8q, \"2*3\", {}]}\n",
            "job.yaml:5: temporal.cuts.1: expected auto, a time such as 8s or 4bar, or an expression, got "
            "'none'\n"
            "job.yaml:5: temporal.cuts.2: expected auto, a time such as 8s or 4bar, or an expression, got "
            "'8q': at character 2, expected an operator or the end, got \"q\"\n"
            "job.yaml:5: temporal.cuts.3: expected auto, a time such as 8s or 4bar, or an expression that "
            "reads a variable, got '2*3', which never changes\n"
            "job.yaml:5: temporal.cuts.4: expected auto, a time such as 8s or 4bar, or an expression, got an "
            "empty map"},
        ErrorCase{"Tempo", kMinimal + "audio: {bpm: 29, first_beat: 1bar, meter: 0}\n",
                  "job.yaml:5: audio.bpm: expected a number from 30 to 300, got 29\n"
                  "job.yaml:5: audio.first_beat: expected a time in seconds or frames, got '1bar'; beats and "
                  "bars are times in keyframes, temporal.cuts and --frames alone\n"
                  "job.yaml:5: audio.meter: expected a whole number from 1 to 32, got 0"},
        ErrorCase{"TempoRange", kMinimal + "audio: {bpm: [190, 160]}\n",
                  "job.yaml:5: audio.bpm: expected the slowest tempo first, got [190, 160]"},
        ErrorCase{"TempoList", kMinimal + "audio: {bpm: [120]}\n",
                  "job.yaml:5: audio.bpm: expected a number from 30 to 300, or [slowest, fastest], got a "
                  "list of 1"},
        ErrorCase{
            "BarsOfTheInput",
            "network: net\ninput: {path: i, trim: [0s, 4bar]}\noutput: {path: o}\n"
            "dream: {objectives: [{layer: a}]}\n",
            "job.yaml:2: input.trim.1: expected a time in seconds or frames, got '4bar'; beats and bars "
            "are times in keyframes, temporal.cuts and --frames alone"},
        ErrorCase{"SectionIsNoMap", kMinimal + "camera: 3\n",
                  "job.yaml:5: camera: expected a map with the keys zoom, rotate, pan, pivot, border, got 3"},
        ErrorCase{"Pairs", kMinimal + "camera: {pan: 0, pivot: [0.5, x]}\n",
                  "job.yaml:5: camera.pan: expected [horizontal, vertical], each a number from -1000 to "
                  "1000, keyframes or an expression, got 0\n"
                  "job.yaml:5: camera.pivot.1: expected a number from -1000 to 1000, keyframes or an "
                  "expression, got 'x': at character 1, unknown variable x"},
        ErrorCase{"Seed", kMinimal + "seed: -1\n",
                  "job.yaml:5: seed: expected a whole number from 0 to 18446744073709551615, got -1"},
        ErrorCase{"SeedTooLarge", kMinimal + "seed: 18446744073709551616\n",
                  "job.yaml:5: seed: expected a whole number from 0 to 18446744073709551615, got "
                  "18446744073709551616"},
        ErrorCase{"Device", kMinimal + "device: gpu\nprecision: fp8\n",
                  "job.yaml:5: device: expected auto, cpu, cuda or cuda:N, got 'gpu'\n"
                  "job.yaml:6: precision: expected auto, fp32, bf16 or fp16, got 'fp8'; did you mean 'fp32' "
                  "or 'fp16'?"},
        ErrorCase{"NulInAPath",
                  "network: net\ninput: {path: \"a\\0b\"}\noutput: {path: ''}\n"
                  "dream: {objectives: [{layer: a}]}\n",
                  "job.yaml:2: input.path: expected a path, got 'a\\x00b'\n"
                  "job.yaml:3: output.path: expected a path, got ''"},
        ErrorCase{
            "Url",
            "network: net\ninput: {path: \"https://example.com/a.mp4\", audio: \"file:///a.wav\"}\n"
            "output: {path: o}\ndream: {objectives: [{layer: a}]}\n",
            "job.yaml:2: input.path: expected a path, got the URL 'https://example.com/a.mp4'; dreamreel "
            "reads files of this machine alone, so download it first\n"
            "job.yaml:2: input.audio: expected a path, got the URL 'file:///a.wav'; write '/a.wav'"},
        ErrorCase{"LineBreakInAValue", kMinimal + "device: \"a\\nb\"\n",
                  "job.yaml:5: device: expected auto, cpu, cuda or cuda:N, got 'a\\nb'"},
        ErrorCase{"CodecOptions",
                  "network: net\ninput: {path: i}\n"
                  "output: {path: o, video: {codec: {}, options: {crf: [1]}}}\n"
                  "dream: {objectives: [{layer: a}]}\n",
                  "job.yaml:3: output.video.codec: expected the name of an FFmpeg encoder, got an empty map\n"
                  "job.yaml:3: output.video.options.crf: expected a number or text, got a list of 1"}),
    kNameOf);

std::string with_input(const std::string& keys) {
  return "network: net\ninput: {" + keys + "}\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\n";
}

INSTANTIATE_TEST_SUITE_P(
    Times, JobErrors,
    testing::Values(
        ErrorCase{"TrimBackwards", with_input("path: i, trim: [4s, 2.5s]"),
                  "job.yaml:2: input.trim: expected a start before the end, got [4s, 2.5s]"},
        ErrorCase{"TrimEmpty", with_input("path: i, trim: [4f, 4f]"),
                  "job.yaml:2: input.trim: expected a start before the end, got [4f, 4f]"},
        ErrorCase{"TrimNotAPair", with_input("path: i, trim: 4s"),
                  "job.yaml:2: input.trim: expected [start, end] such as [2s, 0:10], where ~ leaves an end "
                  "open, got '4s'"},
        ErrorCase{"TrimNoTime", with_input("path: i, trim: [soon, 0s]"),
                  "job.yaml:2: input.trim.0: expected a time such as 4s, 00:04.5 or 96f, got 'soon'\n"
                  "job.yaml:2: input.trim.1: expected a time above 0 such as 4s, 00:04.5 or 96f, got '0s'"},
        ErrorCase{"TooLongToWriteBack", with_input("path: i, duration: 99999999999999999999s"),
                  "job.yaml:2: input.duration: expected a time above 0 such as 4s, 00:04.5 or 96f, got "
                  "'99999999999999999999s'"},
        ErrorCase{"Rate", with_input("path: i, fps: 0"),
                  "job.yaml:2: input.fps: expected a frame rate such as 24, 23.976 or 30000/1001, got 0"},
        ErrorCase{"Noise", with_input("noise: {size: 0x10, fps: [], duration: ages}"),
                  "job.yaml:2: input.noise.size: expected WIDTHxHEIGHT, each from 1 to 16384, got '0x10'\n"
                  "job.yaml:2: input.noise.fps: expected a frame rate such as 24, 23.976 or 30000/1001, got "
                  "an empty list\n"
                  "job.yaml:2: input.noise.duration: expected a time above 0 such as 4s, 00:04.5 or 96f, got "
                  "'ages'"}),
    kNameOf);

INSTANTIATE_TEST_SUITE_P(
    Syntax, JobErrors,
    testing::Values(
        ErrorCase{
            "Unclosed", "input: {path: i\noutput: 3\n",
            "job.yaml:2: not valid YAML: end of map flow not found; a bracket or a quote that is opened "
            "on this line or above is not closed, or a text with ': ' in it needs quotes"},
        ErrorCase{
            "ColonInAPath", "input: {path: a: b.mp4}\n",
            "job.yaml:1: not valid YAML: end of map flow not found; a bracket or a quote that is opened "
            "on this line or above is not closed, or a text with ': ' in it needs quotes"},
        ErrorCase{"Tab", "input:\n\tpath: i\n",
                  "job.yaml:2: not valid YAML: illegal map value; the line is indented with a tab, "
                  "and YAML takes spaces alone"},
        ErrorCase{"Indentation", "input:\n  path: i\n trim: ~\n",
                  "job.yaml:3: not valid YAML: end of map not found; the line is indented like none "
                  "above it: give keys that belong together the same number of spaces"},
        ErrorCase{"TooFarIn", "seed: 1\n  device: cpu\n",
                  "job.yaml:2: not valid YAML: illegal map value; the line is indented too far, or "
                  "holds a text with ': ' in it, which needs quotes"},
        ErrorCase{"Backslash", "input: {path: \"C:\\clip.mp4\"}\n",
                  "job.yaml:1: not valid YAML: unknown escape character: c; write the text in single "
                  "quotes, where a backslash is nothing special"},
        ErrorCase{"List", "- a\n- b\n", "job.yaml:1: expected a map of keys, got a list of 2"},
        ErrorCase{"Text", "hello", "job.yaml:1: expected a map of keys, got 'hello'"},
        ErrorCase{"TwoDocuments", "seed: 1\n---\nseed: 2\n",
                  "job.yaml:2: not valid YAML: more than one document"},
        ErrorCase{"UnknownAlias", "seed: *x\n",
                  "job.yaml:1: not valid YAML: the referenced anchor is not defined"}),
    kNameOf);

TEST(JobErrors, AllComeInOneRunSortedByLine) {
  const JobFolder folder;
  EXPECT_EQ(
      folder.errors_of("camera:\n  zoom: 0\nseed: x\ninput:\n  path: i\n  trim: 3\nnetwork: net\ndream:\n"
                       "  step: -1\n  objectives: [{}]\n"),
      "job.yaml:1: output.path: missing; expected a path\n"
      "job.yaml:2: camera.zoom: expected a number from 0.01 to 100, keyframes or an expression, got 0\n"

      "job.yaml:3: seed: expected a whole number from 0 to 18446744073709551615, got 'x'\n"
      "job.yaml:6: input.trim: expected [start, end] such as [2s, 0:10], where ~ leaves an end open, got 3\n"
      "job.yaml:9: dream.step: expected a number from 0 to 100, keyframes or an expression, got -1\n"
      "job.yaml:10: dream.objectives.0.layer: missing; expected the name of a layer");
}

TEST(JobErrors, AFloodIsCutShort) {
  const JobFolder folder;
  std::string yaml = kMinimal;
  for (int i = 0; i < 300; ++i) yaml += "zzzzzzzzzzzz" + std::to_string(i) + ": 1\n";
  const std::string errors = folder.errors_of(yaml);
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 100);
  EXPECT_TRUE(errors.ends_with("\nand 200 more")) << errors;
}

}  // namespace
}  // namespace dreamreel::job
