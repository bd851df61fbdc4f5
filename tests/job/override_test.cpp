#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kMinimal;

Job loaded(JobFolder& folder, std::vector<std::string> overrides) {
  folder.options.overrides = std::move(overrides);
  return folder.load_text(kMinimal);
}

TEST(Override, SetsAnyKey) {
  JobFolder folder;
  const Job job =
      loaded(folder, {"dream.step=2", "output.video.codec=libx265", "output.video.options.crf=20",
                      "dream.objectives=[{layer: b}, {layer: c}]", "dream.objectives.1.weight=2",
                      "camera.zoom={0s: 1, 2s: 3}", "temporal.flow=none", "seed=5", "dream.step=3"});
  EXPECT_EQ(job.dream.step, Curve(3)) << "the last one wins";
  EXPECT_EQ(job.output.codec, "libx265");
  EXPECT_EQ(job.output.codec_options.at("crf"), "20");
  EXPECT_EQ(job.dream.objectives, (std::vector<LayerObjective>{{"b", 1}, {"c", 2}}));
  EXPECT_EQ(job.camera.zoom.max(), 3);
  EXPECT_EQ(job.temporal.flow, Temporal::Flow::none);
  EXPECT_EQ(job.seed, 5U);
}

TEST(Override, MapsMergeAndNullTakesBack) {
  JobFolder folder;
  EXPECT_EQ(loaded(folder, {"dream={step: 2}"}).dream.objectives.size(), 1U);
  const Job job = loaded(folder, {"input.path=", "input.noise={}"});
  EXPECT_TRUE(job.input.path.empty());
  EXPECT_EQ(job.input.noise, NoiseInput{});
}

TEST(Override, PathsAreRelativeToTheCurrentFolder) {
  JobFolder folder;
  const Job job = loaded(folder, {"input.path=x.mp4", "output.path=%03d.png"});
  EXPECT_EQ(job.input.path, std::filesystem::current_path() / "x.mp4");
  EXPECT_EQ(job.output.path, std::filesystem::current_path() / "%03d.png");
}

struct OverrideCase {
  const char* name;
  const char* override_text;
  const char* errors;
};

void PrintTo(const OverrideCase& test, std::ostream* out) {
  *out << test.name;
}

class OverrideErrors : public testing::TestWithParam<OverrideCase> {};

TEST_P(OverrideErrors, NameTheOverride) {
  JobFolder folder;
  folder.options.overrides = {GetParam().override_text};
  EXPECT_EQ(folder.errors_of(kMinimal), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Override, OverrideErrors,
    testing::Values(
        OverrideCase{"UnknownKey", "dream.stpe=2",
                     "--set dream.stpe=2: dream.stpe: unknown key; did you mean 'step'?"},
        OverrideCase{"UnknownSection", "draem.step=2",
                     "--set draem.step=2: draem: unknown key; did you mean 'dream'?"},
        OverrideCase{"OutOfRange", "dream.step=200",
                     "--set dream.step=200: dream.step: expected a number from 0 to 100, keyframes or an "
                     "expression, got 200"},
        OverrideCase{
            "NoSuchItem", "dream.objectives.1.weight=2",
            "--set dream.objectives.1.weight=2: dream.objectives.1: expected an index below 1, got '1'"},
        OverrideCase{"NoIndex", "dream.objectives.last.weight=2",
                     "--set dream.objectives.last.weight=2: dream.objectives.last: expected an index below "
                     "1, got 'last'"},
        OverrideCase{"NoValue", "dream.step", "--set dream.step: expected KEY=VALUE such as dream.step=2"},
        OverrideCase{"NoKey", "=2", "--set =2: expected KEY=VALUE such as dream.step=2"},
        OverrideCase{"EmptyPart", "dream..step=2",
                     "--set dream..step=2: expected KEY=VALUE such as dream.step=2"},
        OverrideCase{
            "BadYaml", "dream.objectives=[{layer: a}",
            "--set dream.objectives=[{layer: a}: not valid YAML: end of sequence flow not found"
            "; a bracket or a quote that is opened on this line or above is not closed, or a text with ': ' "
            "in it needs quotes"},
        OverrideCase{"Extends", "extends=other.yaml",
                     "--set extends=other.yaml: extends: cannot be overridden; write it in the job file"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Override, IsNoDeeperThanAFile) {
  JobFolder folder;
  std::string key = "dream";
  while (key.size() < 400'000) key += ".a";
  folder.options.overrides = {key + "=1"};
  folder.write("job.yaml", kMinimal);
  EXPECT_NE(folder.errors().find("expected at most 32 keys in a row, got"), std::string::npos);
}

TEST(Override, ErrorsComeAfterThoseOfTheFile) {
  JobFolder folder;
  folder.options.overrides = {"device=x", "camera.zoom=0"};
  EXPECT_EQ(folder.errors_of(kMinimal + "seed: x\n"),
            "job.yaml:5: seed: expected a whole number from 0 to 18446744073709551615, got 'x'\n"
            "--set device=x: device: expected auto, cpu, cuda or cuda:N, got 'x'\n"
            "--set camera.zoom=0: camera.zoom: expected a number from 0.01 to 100, keyframes or an "
            "expression, got 0");
}

TEST(Override, WhatAFileLacksIsStillMissingThere) {
  JobFolder folder;
  folder.options.overrides = {"dream={step: 2}", "output.audio=none", "input.path=i"};
  EXPECT_EQ(
      folder.errors_of("network: net\ndream: {jitter: 1}\n"),
      "job.yaml:1: output.path: missing; expected a path\n"
      "job.yaml:2: dream.objectives: missing; expected a list of at least one map, or dream.journey: the "
      "network 'net' has no card that recommends layers");
}

}  // namespace
}  // namespace dreamreel::job
