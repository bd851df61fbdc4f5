#include "dreamreel/job/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "dreamreel/core/error.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::with_dream;

Job draft(const std::string& text) {
  const JobFolder folder;
  return draft_of(folder.load_text(text));
}

TEST(Draft, HalvesTheFrameAndTheFeathers) {
  const Job job = draft(with_dream("mask: {path: m.png, feather: 8}"));
  EXPECT_EQ(job.dream.mask->feather, Curve(4));
  EXPECT_NE(job.input.filter.find("scale="), std::string::npos);
  EXPECT_EQ(job.dream.draft, 2);
}

// The octaves are those of the final render, so everything that is measured in their pixels stays.
TEST(Draft, KeepsTheOctavesAndTheStrength) {
  for (const std::string octaves : {"octaves: 5", "octaves: auto"}) {
    const std::string text =
        with_dream(octaves + ", iterations: 10, step: 1.5, jitter: 32, regularise: {blur: 2}");
    const JobFolder folder;
    const Job whole = folder.load_text(text), job = draft_of(whole);
    EXPECT_EQ(job.dream.octaves, whole.dream.octaves);
    EXPECT_EQ(job.dream.motif, whole.dream.motif);
    EXPECT_EQ(job.dream.jitter, Curve(32));
    EXPECT_EQ(job.dream.regularise.blur, Curve(2));
    EXPECT_EQ(job.dream.iterations, Curve(5));
    EXPECT_EQ(job.dream.step, Curve(3));
  }
  EXPECT_EQ(draft(with_dream("iterations: 0")).dream.iterations, Curve(0));
}

TEST(Draft, SmallerFramesKeepStepsAndIterations) {
  const JobFolder folder;
  const Job whole = folder.load_text(with_dream("octaves: 6, iterations: 10, step: 1.5, jitter: 32"));
  const Job job = smaller(whole, 1920, 1080, 640, 360);
  EXPECT_EQ(job.dream.draft, 3);
  EXPECT_EQ(job.dream.octaves, Curve(6));
  EXPECT_EQ(job.dream.iterations, Curve(10));
  EXPECT_EQ(job.dream.step, Curve(1.5));
  EXPECT_NE(job.input.filter.find("scale=640:360"), std::string::npos);
  EXPECT_EQ(smaller(whole, 640, 360, 640, 360), whole);
  EXPECT_EQ(draft_of(job).dream.draft, 6);
}

// Noise is drawn at the final size, to the pixel, or it would be other noise.
TEST(Draft, OfNoiseKnowsTheFinalSize) {
  const JobFolder folder;
  const std::vector<std::pair<int, int>> sizes{{854, 480}, {640, 360}, {1366, 768},  {1280, 534},
                                               {250, 250}, {719, 405}, {16384, 2000}};
  for (const auto& [width, height] : sizes) {
    const std::string size = std::to_string(width) + "x" + std::to_string(height);
    const Job job = draft("network: net\ninput: {noise: {size: " + size +
                          "}}\noutput: {path: o.mp4}\ndream: {objectives: [{layer: a}]}\n");
    EXPECT_EQ(std::lround(job.input.noise->width * job.dream.draft), width) << size;
    EXPECT_EQ(std::lround(job.input.noise->height * job.dream.draft), height) << size;
    EXPECT_EQ(job.input.noise->width % 2 + job.input.noise->height % 2, 0) << size;
    EXPECT_NEAR(job.dream.draft, 2, 0.05) << size;
  }
}

TEST(Draft, ChangesKeyframesAndExpressionsToo) {
  const Job job = draft(with_dream("iterations: {0s: 4, 1s: 8}, step: '1+t'"));
  EXPECT_EQ(job.dream.iterations.at({0.5, 24}), 3);
  EXPECT_EQ(draft(with_dream("iterations: 7, step: 90")).dream.step, Curve(100));
  EXPECT_EQ(job.dream.step.at({2, 24}), 6);
}

TEST(Draft, CanBeReadBack) {
  const JobFolder folder;
  const Job job =
      draft_of(folder.load_text(with_dream("iterations: 7, jitter: 5, step: 'min(90,80+t)', octaves: 3")));
  folder.write("again.yaml", to_yaml(job));
  Job again = folder.load("again.yaml");
  again.file = job.file;
  EXPECT_EQ(again, job);
  EXPECT_EQ(job.dream.iterations, Curve(4));
}

TEST(Draft, RefusesAnExpressionThatItCannotScale) {
  const std::string text = "t*" + std::string(6000, '0') + "1";
  const JobFolder folder;
  const Job job = folder.load_text(with_dream("step: '" + text + "'"));
  try {
    draft_of(job);
    FAIL() << "it was scaled";
  } catch (const JobError& error) {
    EXPECT_EQ(std::string(error.what()).find("a draft cannot scale the expression"), 0) << error.what();
  }
}

TEST(Draft, LeavesTheMotionAlone) {
  const JobFolder folder;
  const Job job =
      folder.load_text(with_dream("step: 1") + "camera: {zoom: 1.3, pan: [0.1, 0], rotate: 'sin(t)'}\n");
  EXPECT_EQ(draft_of(job).camera, job.camera);
  EXPECT_EQ(draft_of(job).seed, job.seed);
}

TEST(Draft, KnowsTheFilterBeforeIt) {
  const JobFolder folder;
  for (const std::string filter : {"", "fps=12", "crop=iw/2:ih,scale=64:48"}) {
    Job job = folder.load_text(with_dream("step: 1"));
    job.input.filter = filter;
    EXPECT_NE(draft_of(job).input.filter, filter);
    EXPECT_EQ(filter_before_draft(draft_of(job).input.filter), filter);
    EXPECT_EQ(filter_before_draft(filter), filter);
  }
}

TEST(Motion, DreamsOfNothing) {
  const JobFolder folder;
  const Job job = motion_of(folder.load_text(with_dream("iterations: 10")));
  EXPECT_EQ(job.dream.iterations, Curve(0));
  EXPECT_EQ(job.temporal.iterations, Curve(0));
  EXPECT_TRUE(job.temporal.marks);
  EXPECT_FALSE(job.temporal.maps);
  const Job maps = maps_of(folder.load_text(with_dream("iterations: 10")));
  EXPECT_EQ(maps.dream.iterations, Curve(0));
  EXPECT_TRUE(maps.temporal.maps);
  EXPECT_FALSE(maps.temporal.marks);
}

TEST(ShownMasks, StayAndNothingIsDreamed) {
  const JobFolder folder;
  const Job job = masks_of(folder.load_text(with_dream("mask: {from: motion}, opacity: 0.5")));
  EXPECT_TRUE(job.dream.show_masks);
  EXPECT_TRUE(job.dream.mask.has_value());
  EXPECT_EQ(job.dream.iterations, Curve(0));
  EXPECT_EQ(job.dream.opacity, Curve(1));
  try {
    masks_of(folder.load_text(with_dream("step: 1")));
    ADD_FAILURE();
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("--show mask: the job has no mask"));
  }
  EXPECT_THAT(folder.errors_of(with_dream("show_masks: true")),
              testing::HasSubstr("dream.show_masks: expected a job with a mask"));
}

}  // namespace
}  // namespace dreamreel::job
