// Objectives that name a class and no layer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using testing::HasSubstr;
using Kind = LayerObjective::Kind;

// A folder with the card `net`, which has no classes, and two that have.
struct FolderWithClasses : JobFolder {
  FolderWithClasses() {
    write("cards/zoo.yaml", "name: zoo\nfile: zoo.onnx\nlabels: zoo_labels.txt\nclasses: [deep, shallow]\n");
    write("cards/toys.yaml", "name: toys\nfile: toys.onnx\nlabels: zoo_labels.txt\nclasses: [maps]\n");
    write("cards/zoo_labels.txt", "dog\ncat\n");
  }
};

std::string job_of(const std::string& dream, const std::string& network = "zoo") {
  return "network: " + network + "\ninput: {path: in.mp4}\noutput: {path: out.mp4}\ndream: " + dream + "\n";
}

TEST(ClassObjective, AClassAloneIsALogitOfTheCardsFirstLayer) {
  const FolderWithClasses folder;
  const auto objectives =
      folder
          .load_text(job_of("{objectives: [{class: dog, weight: 2}, {class: 1}, {class: cat, layer: shallow},"
                            " {class: dog, network: toys}]}"))
          .dream.objectives;
  ASSERT_EQ(objectives.size(), 4U);
  for (const auto& objective : objectives) EXPECT_EQ(objective.kind, Kind::logit);
  EXPECT_EQ(objectives[0].layer, "deep");
  EXPECT_EQ(objectives[0].class_name, "dog");
  EXPECT_EQ(objectives[0].weight, Curve(2));
  EXPECT_EQ(objectives[1].layer, "deep");
  EXPECT_EQ(objectives[1].class_index, 1);
  EXPECT_EQ(objectives[2].layer, "shallow") << "what is said is kept";
  EXPECT_EQ(objectives[3].layer, "maps") << "of the objective's own network";
}

TEST(ClassObjective, IsWrittenWithItsLayer) {
  const FolderWithClasses folder;
  const Job job = folder.load_text(job_of("{objectives: [{class: dog}]}"));
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").dream, job.dream);
  EXPECT_THAT(to_yaml(job), HasSubstr("layer: deep"));
}

TEST(ClassObjective, ANetworkWithoutClassesSaysWhichHaveSome) {
  const FolderWithClasses folder;
  EXPECT_EQ(
      folder.errors_of(job_of("{objectives: [{class: dog}]}", "net")),
      "job.yaml:4: dream.objectives.0.layer: missing; the card of network net names no layer of classes: "
      "name the layer that has its classes, or take a network whose card does: toys, zoo");
}

TEST(ClassObjective, EverythingElseNeedsALayer) {
  const FolderWithClasses folder;
  EXPECT_EQ(folder.errors_of(job_of("{objectives: [{weight: 2}]}")),
            "job.yaml:4: dream.objectives.0.layer: missing; expected the name of a layer");
  EXPECT_THAT(folder.errors_of(job_of("{objectives: [{class: dog, kind: energy, layer: deep}]}")),
              HasSubstr("dream.objectives.0.class: belongs to kind logit, not to kind energy"));
}

TEST(ClassObjective, AJourneyGoesThroughClasses) {
  const FolderWithClasses folder;
  const Dream dream =
      folder.load_text(job_of("{journey: {classes: [dog, cat], seconds_each: 2, crossfade: 1}}")).dream;
  ASSERT_EQ(dream.objectives.size(), 2U);
  EXPECT_EQ(dream.objectives[1].kind, Kind::logit);
  EXPECT_EQ(dream.objectives[1].class_name, "cat");
  EXPECT_EQ(dream.objectives[1].layer, "deep");
  EXPECT_TRUE(dream.balance);
  EXPECT_THAT(folder.errors_of(job_of("{journey: {classes: [dog, cat], layers: [a, b]}}")),
              HasSubstr("dream.journey.layers: expected either layers or classes, got both"));
  EXPECT_THAT(folder.errors_of(job_of("{journey: {classes: [dog]}}")),
              HasSubstr("dream.journey.classes: expected a list of at least two classes, got one"));
  EXPECT_THAT(folder.errors_of(job_of("{journey: {classes: [dog, cat]}}", "net")),
              HasSubstr("job.yaml:4: dream.objectives.0.layer: missing; the card of network net"));
}

TEST(ClassObjective, AJourneyThroughClassesStandsInForAnInheritedOneThroughLayers) {
  const FolderWithClasses folder;
  folder.write("base.yaml", job_of("{journey: {layers: [a, b], seconds_each: 3}}"));
  folder.write("job.yaml", "extends: base.yaml\ndream: {journey: {classes: [cat, dog]}}\n");
  const auto objectives = folder.load().dream.objectives;
  ASSERT_EQ(objectives.size(), 2U);
  EXPECT_EQ(objectives[0].class_name, "cat");
}

}  // namespace
}  // namespace dreamreel::job
