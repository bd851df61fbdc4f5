// dream.octaves: auto, and dream.motif.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kMinimal;
using test::with_dream;
using testing::HasSubstr;

TEST(OctavesKey, AutoTakesTheUsualMotif) {
  const JobFolder folder;
  EXPECT_EQ(folder.load_text(kMinimal).dream.motif, Curve(0));
  EXPECT_EQ(folder.load_text(with_dream("octaves: auto")).dream.motif, Curve(0.25));
  EXPECT_EQ(folder.load_text(with_dream("octaves: auto, motif: 0.4")).dream.motif, Curve(0.4));
  EXPECT_EQ(folder.load_text(with_dream("motif: 0.4")).dream.motif, Curve(0.4));
  EXPECT_DOUBLE_EQ(folder.load_text(with_dream("motif: {0s: 0.2, 4s: 0.4}")).dream.motif.at({2, 24}), 0.3);
}

TEST(OctavesKey, ANumberAndAMotifInOneTextAreAMistake) {
  const JobFolder folder;
  EXPECT_THAT(folder.errors_of(with_dream("octaves: 4, motif: 0.3")),
              HasSubstr("job.yaml:4: dream.motif: expected octaves: auto beside it"));
  EXPECT_THAT(folder.errors_of(with_dream("octaves: 4, motif: {0s: 0.2, 4s: 0.4}")),
              HasSubstr("job.yaml:4: dream.motif: expected octaves: auto beside it"));
  EXPECT_THAT(folder.errors_of(with_dream("octaves: auto, motif: 0")),
              HasSubstr("job.yaml:4: dream.motif: expected more than 0 beside octaves: auto"));
  EXPECT_EQ(folder.load_text(with_dream("octaves: 4, motif: 0")).dream.octaves, Curve(4));
  EXPECT_THAT(folder.errors_of(with_dream("motif: 1.5")), HasSubstr("expected a number from 0 to 1"));
  EXPECT_THAT(folder.errors_of(with_dream("octaves: Auto")), HasSubstr("dream.octaves: expected"));
}

TEST(OctavesKey, TheYoungerTextCounts) {
  JobFolder folder;
  folder.write("number.yaml", with_dream("octaves: 6"));
  folder.write("motif.yaml", with_dream("motif: 0.3"));
  folder.write("auto.yaml", with_dream("octaves: auto, motif: 0.3"));
  const Job motif = folder.load_text("extends: number.yaml\ndream: {motif: 0.4}\n");
  EXPECT_EQ(motif.dream.motif, Curve(0.4));
  for (const std::string parent : {"motif", "auto"}) {
    const Job number = folder.load_text("extends: " + parent + ".yaml\ndream: {octaves: 5}\n");
    EXPECT_EQ(number.dream.motif, Curve(0)) << parent;
    EXPECT_EQ(number.dream.octaves, Curve(5)) << parent;
  }
  EXPECT_EQ(folder.load_text("extends: motif.yaml\ndream: {octaves: auto}\n").dream.motif, Curve(0.3));
  EXPECT_EQ(folder.load_text("extends: number.yaml\ndream: {motif: 0}\n").dream.octaves, Curve(6));
  folder.options.overrides = {"dream.octaves=5"};
  EXPECT_EQ(folder.load("motif.yaml").dream.motif, Curve(0));
  folder.options.overrides = {"dream.motif=0.4"};
  EXPECT_EQ(folder.load("number.yaml").dream.motif, Curve(0.4));
}

TEST(OctavesKey, IsWrittenAsItIsRead) {
  const JobFolder folder;
  for (const std::string keys : {"octaves: auto", "motif: 0.4", "octaves: 3", "motif: {0s: 0.2, 4s: 0}",
                                 "motif: {0s: 0.2, 4s: 0.4}", "octaves: 3, motif: {0s: 0.2, 4s: 0}"}) {
    const Job job = folder.load_text(with_dream(keys));
    folder.write("again.yaml", to_yaml(job));
    EXPECT_EQ(folder.load("again.yaml").dream, job.dream) << keys;
  }
}

TEST(OctavesKey, ScenesMayCountOctavesOrNot) {
  JobFolder folder;
  folder.options.look_folders = {folder.path("looks")};
  folder.write("looks/counted.yaml", "network: net\ndream: {octaves: 6, objectives: [{layer: a}]}\n");
  folder.write("looks/sized.yaml", "network: net\ndream: {octaves: auto, objectives: [{layer: a}]}\n");
  const Job job = folder.load_text(
      "scenes: [{from: 0s, look: counted}, {from: 2s, look: sized}]\ninput: {path: in.mp4}\n"
      "output: {path: out.mp4}\n");
  EXPECT_EQ(job.dream.motif.at({1, 24, 24}), 0);
  EXPECT_EQ(job.dream.octaves.at({1, 24, 24}), 6);
  EXPECT_EQ(job.dream.motif.at({3, 24, 72}), 0.25);
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").dream, job.dream);
}

}  // namespace
}  // namespace dreamreel::job
