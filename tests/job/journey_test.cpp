#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using testing::HasSubstr;

const std::string kHead =
    "network: net\n"
    "input: {path: in.mp4}\n"
    "output: {path: out.mp4}\n";

Job journey(const std::string& keys) {
  const JobFolder folder;
  return folder.load_text(kHead + "dream: {journey: {" + keys + "}}\n");
}

std::string journey_errors(const std::string& keys) {
  const JobFolder folder;
  return folder.errors_of(kHead + "dream: {journey: {" + keys + "}}\n");
}

double weight_at(const Job& job, std::size_t objective, double seconds) {
  return job.dream.objectives.at(objective).weight.at({seconds, 24});
}

std::vector<std::string> layers_of(const Job& job) {
  std::vector<std::string> names;
  for (const auto& objective : job.dream.objectives) names.push_back(objective.layer);
  return names;
}

TEST(Journey, BecomesObjectivesWithKeyframes) {
  const Job job = journey("layers: [a, b, c], seconds_each: 4, crossfade: 1, weight: 2");
  EXPECT_THAT(layers_of(job), testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(weight_at(job, 0, 0), 2);
  EXPECT_EQ(weight_at(job, 0, 3.5), 2);
  EXPECT_EQ(weight_at(job, 0, 4), 1);  // in the middle of the change
  EXPECT_EQ(weight_at(job, 1, 4), 1);
  EXPECT_EQ(weight_at(job, 0, 4.5), 0);
  EXPECT_EQ(weight_at(job, 1, 3.5), 0);
  EXPECT_EQ(weight_at(job, 1, 6), 2);
  EXPECT_EQ(weight_at(job, 1, 8.5), 0);
  EXPECT_EQ(weight_at(job, 2, 100), 2);  // the last layer stays
  EXPECT_TRUE(job.dream.balance);
}

TEST(Journey, TheWeightsAddUpAtAnyTime) {
  for (const std::string crossfade : {"0", "0.7", "3"}) {
    const Job job = journey("layers: [a, b, a, c], seconds_each: 3, weight: 1.5, crossfade: " + crossfade);
    for (double t = 0; t < 15; t += 0.01) {
      double sum = 0;
      for (std::size_t i = 0; i < 4; ++i) sum += weight_at(job, i, t);
      ASSERT_NEAR(sum, 1.5, 1e-12) << "crossfade " << crossfade << " at " << t;
    }
  }
}

TEST(Journey, MayGoRoundForEver) {
  for (const std::string crossfade : {"0", "1", "3"}) {
    const Job job =
        journey("layers: [a, b, c], seconds_each: 3, weight: 0.5, loop: true, crossfade: " + crossfade);
    EXPECT_EQ(weight_at(job, 0, 0), 0.5);
    EXPECT_EQ(weight_at(job, 1, 3), 0.5);
    EXPECT_EQ(weight_at(job, 2, 6), 0.5);
    for (double t = 0; t < 20; t += 0.05) {
      double sum = 0;
      for (std::size_t i = 0; i < 3; ++i) {
        sum += weight_at(job, i, t);
        ASSERT_NEAR(weight_at(job, i, t), weight_at(job, i, t + 9.0), 1e-9) << i << " at " << t;
      }
      ASSERT_NEAR(sum, 0.5, 1e-9) << "crossfade " << crossfade << " at " << t;
    }
  }
  const Job job = journey("layers: [a, b], seconds_each: 3, crossfade: 1, loop: true");
  EXPECT_NEAR(weight_at(job, 0, 2.5), 0.5, 1e-12);  // half way to b
  EXPECT_NEAR(weight_at(job, 1, 5.5), 0.5, 1e-12);  // and back to a
}

TEST(Journey, WithoutACrossfadeLayersChangeAtOnce) {
  const Job job = journey("layers: [a, b], seconds_each: 2, crossfade: 0");
  EXPECT_EQ(weight_at(job, 0, 1.999), 1);
  EXPECT_EQ(weight_at(job, 0, 2), 0);
  EXPECT_EQ(weight_at(job, 1, 1.999), 0);
  EXPECT_EQ(weight_at(job, 1, 2), 1);
}

TEST(Journey, TheResolvedJobReadsBackToTheSame) {
  const JobFolder folder;
  for (const std::string keys : {"crossfade: 0", "crossfade: 1", "crossfade: 4", "loop: true"}) {
    const Job job = folder.load_text(kHead + "dream: {journey: {layers: [a, b, c], " + keys + "}}\n");
    Job again = folder.load_text(to_yaml(job));
    again.file = job.file;
    EXPECT_EQ(again, job) << to_yaml(job);
  }
}

TEST(Journey, StandsBesideObjectivesOfTheSameFile) {
  const JobFolder folder;
  const Job job = folder.load_text(
      kHead + "dream: {objectives: [{layer: x, weight: 0.2}], journey: {layers: [a, b]}, balance: false}\n");
  EXPECT_THAT(layers_of(job), testing::ElementsAre("x", "a", "b"));
  EXPECT_FALSE(job.dream.balance);  // the job sets it explicitly
}

TEST(Journey, TheYoungerOfJourneyAndObjectivesHolds) {
  JobFolder folder;
  folder.write("base.yaml", kHead + "dream: {objectives: [{layer: x}]}\n");
  folder.write("travel.yaml", "extends: base.yaml\ndream: {journey: {layers: [a, b]}}\n");
  folder.write("rest.yaml", "extends: travel.yaml\ndream: {objectives: [{layer: y}]}\n");
  EXPECT_THAT(layers_of(folder.load("travel.yaml")), testing::ElementsAre("a", "b"));
  const Job rest = folder.load("rest.yaml");
  EXPECT_THAT(layers_of(rest), testing::ElementsAre("y"));
  EXPECT_FALSE(rest.dream.balance);
  folder.options.overrides = {"dream.journey={layers: [c, d]}"};
  EXPECT_THAT(layers_of(folder.load("rest.yaml")), testing::ElementsAre("c", "d"));
  // Changing the crossfade does not make a new journey.
  folder.options.overrides = {"dream.journey.crossfade=0"};
  EXPECT_THAT(layers_of(folder.load("travel.yaml")), testing::ElementsAre("a", "b"));
}

TEST(Journey, SaysWhatIsWrong) {
  EXPECT_EQ(
      journey_errors("layers: [a]"),
      "job.yaml:4: dream.journey.layers: expected a list of at least two layers, got one; for one layer use "
      "dream.objectives");
  EXPECT_EQ(journey_errors("layers: [a, b], seconds_each: 2, crossfade: 2.5"),
            "job.yaml:4: dream.journey.crossfade: expected at most seconds_each (2), got 2.5");
  EXPECT_THAT(journey_errors("seconds_each: 2"), HasSubstr("dream.journey.layers: missing; expected a list"));
  EXPECT_THAT(journey_errors("layers: [a, b], seconds_each: 0"), HasSubstr("expected a number above 0"));
  EXPECT_THAT(journey_errors("layers: [a, b], crosfade: 1"), HasSubstr("did you mean 'crossfade'?"));
  const JobFolder folder;
  EXPECT_EQ(
      folder.errors_of(kHead + "dream: {journey: 3}\n"),
      "job.yaml:4: dream.journey: expected a map with the keys layers, classes, seconds_each, crossfade, "
      "weight, loop, got 3");
}

}  // namespace
}  // namespace dreamreel::job
