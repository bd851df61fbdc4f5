#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;

const std::string kJob =
    "input: {path: i}\noutput: {path: o}\nnetwork: net\ndream: {objectives: [{layer: a}]}\n";

TEST(JobColour, ReadsEveryKeyAndWritesItBack) {
  const JobFolder folder;
  const Job job =
      folder.load_text(kJob +
                       "colour: {match: source, strength: 0.5, chroma: source, contrast_limit: 20, "
                       "saturation_limit: {0s: 30, 4s: 15}}\n");
  EXPECT_EQ(job.colour.match, Colour::Match::source);
  EXPECT_EQ(job.colour.strength, Curve(0.5));
  EXPECT_EQ(job.colour.chroma, Colour::Chroma::source);
  EXPECT_EQ(job.colour.contrast_limit, Curve(20));
  ASSERT_TRUE(job.colour.saturation_limit);
  EXPECT_EQ(job.colour.saturation_limit->max(), 30);
  EXPECT_EQ(folder.load_text(to_yaml(job)).colour, job.colour);
  EXPECT_EQ(folder.load_text(kJob).colour, Colour());
}

TEST(JobColour, NoiseHasNoSourceToTakeColoursFrom) {
  const JobFolder folder;
  EXPECT_EQ(
      folder.errors_of(
          "input: {noise: {size: 64x48}}\noutput: {path: o}\nnetwork: net\n"
          "dream: {objectives: [{layer: a}]}\ncolour: {match: source, chroma: source, contrast_limit: 0}\n"),
      "job.yaml:5: colour.contrast_limit: expected a number above 0 and at most 100, keyframes or an "
      "expression, got 0\n"
      "job.yaml:5: colour.match: expected another choice for noise, which has no source\n"
      "job.yaml:5: colour.chroma: expected another choice for noise, which has no source");
}

}  // namespace
}  // namespace dreamreel::job
