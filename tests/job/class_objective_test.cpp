// Tests objectives that name a class and no layer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using testing::HasSubstr;
using Kind = LayerObjective::Kind;

// A folder with the card `net`, which has no classes, and three cards with classes.
struct FolderWithClasses : JobFolder {
  FolderWithClasses() {
    write("cards/farm.yaml", "name: farm\nfile: farm.onnx\nlabels: farm_labels.txt\nclasses: [barn]\n");
    write("cards/farm_labels.txt", "cow\nDog, hound\n");
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
  ASSERT_EQ(objectives.size(), 5U);
  for (const auto& objective : objectives) EXPECT_EQ(objective.kind, Kind::logit);
  EXPECT_EQ(objectives[0].layer, "deep");
  EXPECT_EQ(objectives[0].class_name, "dog");
  EXPECT_EQ(objectives[0].weight, Curve(2));
  EXPECT_EQ(objectives[1].layer, "deep");
  EXPECT_EQ(objectives[1].class_index, 1);
  EXPECT_EQ(objectives[2].layer, "shallow") << "what is said is kept";
  EXPECT_EQ(objectives[3].layer, "maps") << "of the objective's own network";
  EXPECT_EQ(objectives[4].layer, "maps") << "the first one once more: toys knows dogs, too";
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
      "name the layer that has its classes, or take a network whose card does: farm, toys, zoo");
}

TEST(ClassObjective, WhereClassesHaveNamesTheFileSaysWhichLayerHasThem) {
  const FolderWithClasses folder;
  folder.write("cards/named.yaml", "name: named\nfile: named.onnx\nlabels: named.txt\n");
  const Job job = folder.load_text(job_of("{objectives: [{class: dog}]}", "named"));
  EXPECT_EQ(job.dream.objectives[0].layer, "classes");
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").dream, job.dream);
}

TEST(ClassObjective, TheResultOfANetworkWithLabelsHasItsClassesAsChannels) {
  const FolderWithClasses folder;
  folder.write("cards/named.yaml", "name: named\nfile: named.onnx\nlabels: named.txt\n");
  const auto channels = [](const std::string& layer) {
    return "{objectives: [{layer: " + layer + ", kind: channels, channels: [barbell]}]}";
  };
  const Job job = folder.load_text(job_of(channels("classes"), "named"));
  EXPECT_EQ(job.dream.objectives[0].channels.at(0).class_name, "barbell");
  EXPECT_THAT(
      folder.errors_of(job_of(channels("deep"), "named")),
      HasSubstr("the card of network named says that classes are the channels of classes, not of deep"));
  EXPECT_THAT(folder.errors_of(job_of(channels("deep"), "net")), HasSubstr("names no layer of classes"));
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

std::string asked(const LayerObjective& objective) {
  return (objective.network ? objective.network->name : "own") + ":" + objective.layer;
}

std::string job_with_networks(const std::string& dream, const std::string& network = "zoo") {
  return "networks: {barnyard: farm, again: zoo}\n" + job_of(dream, network);
}

TEST(ClassObjective, IsAskedOfEveryNetworkThatKnowsTheClass) {
  const FolderWithClasses folder;
  const std::string dream =
      "{objectives: [{class: dog, weight: 2, mask: {path: m.png}}, {class: cat}, {class: cow}]}";
  const Job job = folder.load_text(job_with_networks(dream));
  const auto& objectives = job.dream.objectives;
  ASSERT_EQ(objectives.size(), 4U);
  EXPECT_EQ(asked(objectives[0]), "own:deep");
  EXPECT_EQ(asked(objectives[1]), "own:deep") << "farm knows no cat";
  EXPECT_EQ(asked(objectives[2]), "farm:barn") << "the job's own network knows no cow";
  EXPECT_EQ(asked(objectives[3]), "farm:barn")
      << "the dog once more; `again` has the file of the job's own network";
  EXPECT_EQ(objectives[3].class_name, "dog");
  EXPECT_EQ(objectives[3].weight, Curve(2));
  EXPECT_EQ(objectives[3].mask, objectives[0].mask);
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").dream, job.dream) << "what is resolved is asked of no more networks";
}

TEST(ClassObjective, OneThatNamesANetworkOrALayerIsAskedOfThatAlone) {
  const FolderWithClasses folder;
  const auto objectives = folder
                              .load_text(job_with_networks(
                                  "{objectives: [{class: dog, network: barnyard}, {class: dog, layer: deep},"
                                  " {class: 0}]}"))
                              .dream.objectives;
  ASSERT_EQ(objectives.size(), 3U);
  EXPECT_EQ(asked(objectives[0]), "farm:barn");
  EXPECT_EQ(asked(objectives[1]), "own:deep");
  EXPECT_EQ(asked(objectives[2]), "own:deep");
}

TEST(ClassObjective, CardsThatOtherObjectivesNameAreAskedToo) {
  const FolderWithClasses folder;
  const auto objectives =
      folder.load_text(job_of("{objectives: [{class: hound}, {layer: a, network: farm}]}", "net"))
          .dream.objectives;
  ASSERT_EQ(objectives.size(), 2U);
  EXPECT_EQ(asked(objectives[0]), "farm:barn") << "the job's own network has no classes";
}

TEST(ClassObjective, AJourneyAsksEveryNetwork) {
  const FolderWithClasses folder;
  const auto objectives =
      folder.load_text(job_with_networks("{journey: {classes: [dog, cat]}}")).dream.objectives;
  ASSERT_EQ(objectives.size(), 3U);
  EXPECT_EQ(asked(objectives[2]), "farm:barn");
  EXPECT_EQ(objectives[2].weight, objectives[0].weight);
}

TEST(ClassObjective, AClassThatNoNetworkKnowsIsToldWithNearNamesOfAll) {
  const FolderWithClasses folder;
  EXPECT_EQ(folder.errors_of(job_with_networks("{objectives: [{layer: a}, {class: hond}]}")),
            "job.yaml:5: dream.objectives.1.class: no class is called 'hond' in the networks zoo, barnyard; "
            "did you mean 'hound'?");
}

TEST(ClassObjective, ChannelsAreCalledByTheirClasses) {
  const FolderWithClasses folder;
  const std::string dream =
      "{objectives: [{layer: shallow, kind: channels, channels: [dog, 'Cat', 3..5, 7]},"
      " {layer: deep, kind: neuron, channels: [dog]}]}";
  const Job job = folder.load_text(job_of(dream));
  EXPECT_EQ(job.dream.objectives[0].channels,
            (std::vector<cards::ChannelRange>{{0, 0, "dog"}, {0, 0, "Cat"}, {3, 5}, {7, 7}}));
  EXPECT_EQ(job.dream.objectives[1].channels, (std::vector<cards::ChannelRange>{{0, 0, "dog"}}));
  folder.write("again.yaml", to_yaml(job));
  EXPECT_EQ(folder.load("again.yaml").dream, job.dream);
}

TEST(ClassObjective, ChannelsOfOtherLayersHaveNumbersAlone) {
  const FolderWithClasses folder;
  EXPECT_EQ(folder.errors_of(job_of("{objectives: [{layer: a, kind: channels, channels: [1, dog]}]}")),
            "job.yaml:4: dream.objectives.0.channels: expected channels by their numbers, got the class "
            "'dog': the card of network zoo says that classes are the channels of deep, shallow, not of a");
  EXPECT_EQ(folder.errors_of(job_of("{objectives: [{layer: a, kind: channels, channels: [dog]}]}", "net")),
            "job.yaml:4: dream.objectives.0.channels: expected channels by their numbers, got the class "
            "'dog': the card of network net names no layer of classes");
  EXPECT_THAT(
      folder.errors_of(job_of("{objectives: [{layer: deep, kind: channels, channels: [5..2, -1, [a]]}]}")),
      testing::AllOf(
          HasSubstr("channels.0: expected a channel such as 3 or a range such as 20..30, got 5..2"),
          HasSubstr("channels.1: expected a channel"), HasSubstr("channels.2: expected a channel")));
  EXPECT_THAT(folder.errors_of("networks: {cut: {card: zoo, ablate: [{layer: deep, channels: [dog]}]}}\n" +
                               job_of("{objectives: [{class: dog}]}")),
              HasSubstr("networks.cut.ablate.0.channels.0: expected a channel such as 3"));
}

}  // namespace
}  // namespace dreamreel::job
