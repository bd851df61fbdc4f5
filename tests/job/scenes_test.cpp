// A whole look for each stretch of a job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using curve::Ease;
using test::JobFolder;
using test::kInAndOut;
using testing::HasSubstr;

const std::string kTwo = "scenes: [{from: 0s, look: stone}, {from: 16bar, look: eyes}]\n";

struct Scenes : JobFolder {
  Scenes() {
    options.job_folders = {path("configs")};
    options.look_folders = {path("configs/looks")};
    write("cards/other.yaml", "name: other\nfile: other.onnx\n");
    write("configs/base.yaml", "network: net\ndream: {step: 1, octaves: 4, objectives: [{layer: base}]}\n");
    write(
        "configs/looks/stone.yaml",
        "extends: ../base.yaml\ninput: {filter: hflip}\ndream: {octaves: 6, objectives: [{layer: a, weight: "
        "2}], gradient: {decorrelate: 0.8}}\n");
    write("configs/looks/eyes.yaml",
          "extends: ../base.yaml\ndream: {step: \"1+t\", objectives: [{layer: b}, {layer: a}]}\n");
    write("configs/looks/far.yaml",
          "extends: ../base.yaml\nnetwork: other\ndream: {balance: true, objectives: [{layer: a}, {layer: "
          "c}]}\n");
    write("configs/looks/adam.yaml", "extends: ../base.yaml\ndream: {optimizer: adam}\n");
    write("configs/looks/moves.yaml", "extends: ../base.yaml\ndream: {step: {0s: 1, 4s: 2}}\n");
  }
};

TimePoint frame_0() {
  return {0, TimePoint::Unit::frames};
}
TimePoint bars(double value) {
  return {value, TimePoint::Unit::bars};
}

TEST(Scenes, EachHasItsOwnLookAndBeginsWithACut) {
  const Scenes folder;
  const Job job = folder.load_text(kTwo + kInAndOut);
  EXPECT_EQ(job.input.filter, "") << "a look's input has no part in it";
  EXPECT_EQ(job.dream.octaves, Curve({{frame_0(), 6, Ease::hold}, {bars(16), 4}}));
  EXPECT_EQ(job.dream.gradient.decorrelate, Curve({{frame_0(), 0.8, Ease::hold}, {bars(16), 1}}));
  EXPECT_EQ(job.dream.step, Curve({{frame_0(), 1, Ease::hold}, {bars(16), curve::Expression("1+t")}}));
  EXPECT_EQ(job.dream.iterations, Curve(10)) << "what is the same everywhere stays as it is";
  ASSERT_EQ(job.dream.objectives.size(), 2U);
  EXPECT_EQ(job.dream.objectives[0].layer, "a");
  EXPECT_EQ(job.dream.objectives[0].weight, Curve({{frame_0(), 2, Ease::hold}, {bars(16), 1}}));
  EXPECT_EQ(job.dream.objectives[1].layer, "b");
  EXPECT_EQ(job.dream.objectives[1].weight, Curve({{frame_0(), 0, Ease::hold}, {bars(16), 1}}));
  EXPECT_TRUE(job.temporal.cuts.found);
  EXPECT_EQ(job.temporal.cuts.times, std::vector{bars(16)});
}

// A curve on a scene's frames has the values of the look alone.
TEST(Scenes, HaveTheValuesOfTheirLooks) {
  const Scenes folder;
  const Job job = folder.load_text(
      "scenes: [{from: 0s, look: eyes}, {from: 1s, look: stone}, {from: 2s, look: eyes}]\n" + kInAndOut);
  const auto at = [](const Curve& curve, int frame) { return curve.at({frame / 24.0, 24, 1.0 * frame}); };
  for (const int frame : {0, 23, 24, 47, 48, 200}) {
    const bool is_stone = frame >= 24 && frame < 48;
    EXPECT_EQ(at(job.dream.octaves, frame), is_stone ? 6 : 4) << frame;
    EXPECT_EQ(at(job.dream.step, frame), is_stone ? 1 : 1 + frame / 24.0) << frame;
    for (const auto& objective : job.dream.objectives)
      EXPECT_EQ(at(objective.weight, frame), is_stone ? (objective.layer == "a" ? 2 : 0) : 1) << frame;
  }
  EXPECT_EQ(job.temporal.cuts.times.size(), 2U);
}

TEST(Scenes, AResolvedJobIsTheSameJob) {
  const Scenes folder;
  for (const std::string scenes :
       {"[{from: 0s, look: stone}, {from: 16bar, look: eyes}]",
        "[{from: 0s, look: far}, {from: 96f, look: stone}, {from: 8s, look: far}]"}) {
    const Job job = folder.load_text("scenes: " + scenes + "\n" + kInAndOut);
    Job again = parse_job(to_yaml(job), job.file, folder.options);
    EXPECT_EQ(again, job) << to_yaml(job);
  }
  EXPECT_THAT(folder.errors_of(kTwo + kInAndOut), "");
}

TEST(Scenes, TheJobsOwnKeysHoldInAll) {
  const Scenes folder;
  const Job job = folder.load_text(
      kTwo + kInAndOut + "dream: {octaves: 3, step: {0s: 0, 9s: 1}, objectives: [{layer: mine}]}\n");
  EXPECT_EQ(job.dream.octaves, Curve(3));
  EXPECT_EQ(job.dream.step.keys().size(), 2U);
  ASSERT_EQ(job.dream.objectives.size(), 1U);
  EXPECT_EQ(job.dream.objectives[0].weight, Curve(1));
}

TEST(Scenes, ANetworkComesWithItsLook) {
  Scenes folder;
  const Job job = folder.load_text("scenes: [{from: 0s, look: stone}, {from: 2s, look: far}]\n" + kInAndOut);
  EXPECT_EQ(job.network.name, "net");
  EXPECT_TRUE(job.dream.balance) << "the first scene has one objective, which balance does not change";
  ASSERT_EQ(job.dream.objectives.size(), 3U);
  EXPECT_FALSE(job.dream.objectives[0].network);
  EXPECT_EQ(job.dream.objectives[1].network->name, "other");
  EXPECT_EQ(job.dream.objectives[1].layer, "a");
}

TEST(Scenes, AnOverrideMayNameThem) {
  Scenes folder;
  folder.options.overrides = {"scenes=[{from: 0f, look: stone}, {from: 9f, look: stone}]", "dream.step=5"};
  const Job job = folder.load_text(kInAndOut);
  EXPECT_EQ(job.dream.step, Curve(5));
  EXPECT_EQ(job.dream.octaves, Curve(6));
  EXPECT_EQ(job.temporal.cuts.times.size(), 1U) << "the same look begins anew";
  folder.options.overrides.emplace_back("look=eyes");
  EXPECT_THAT(folder.errors_of(kInAndOut), HasSubstr("look: expected none beside scenes"));
}

TEST(Scenes, MayCrossFade) {
  const Scenes folder;
  const Job job = folder.load_text(
      "scenes: [{from: 0s, look: stone}, {from: 4s, look: eyes, crossfade: 1beat}, {from: 16bar, look: "
      "stone}]\n" +
      kInAndOut);
  const auto& cuts = job.temporal.cuts;
  ASSERT_EQ(cuts.fades.size(), cuts.times.size());
  EXPECT_EQ(cuts.fades[0], (TimePoint{1, TimePoint::Unit::beats}));
  EXPECT_FALSE(cuts.fades[1].has_value());
  EXPECT_TRUE(cuts.fade());
  EXPECT_EQ(parse_job(to_yaml(job), "again.yaml", folder.options).temporal.cuts, cuts);
}

TEST(Cuts, MayCrossFade) {
  const JobFolder folder;
  const auto cuts = [&](const std::string& text) {
    return folder.load_text(test::kMinimal + "temporal: {cuts: " + text + "}\n").temporal.cuts;
  };
  const auto faded = cuts("[auto, 2s, {at: 96f, crossfade: 0.5s}]");
  EXPECT_EQ(faded.times, (std::vector{TimePoint{2}, TimePoint{96, TimePoint::Unit::frames}}));
  EXPECT_EQ(faded.fades, (std::vector<std::optional<TimePoint>>{std::nullopt, TimePoint{0.5}}));
  EXPECT_TRUE(cuts("{at: 4s, crossfade: 1bar}").counts_beats());
  EXPECT_FALSE(cuts("[4s]").fade());
  const auto errors = [&](const std::string& text) {
    return folder.errors_of(test::kMinimal + "temporal: {cuts: " + text + "}\n");
  };
  EXPECT_THAT(errors("{at: 4s}"), HasSubstr("temporal.cuts.crossfade: expected a length above 0"));
  EXPECT_THAT(errors("[{crossfade: 1s}]"), HasSubstr("temporal.cuts.0.at: expected a time such as"));
  EXPECT_THAT(errors("{at: 4s, crossfade: 1s, x: 2}"), HasSubstr("temporal.cuts.x: unknown key"));
}

TEST(Scenes, MistakesAreNamed) {
  const Scenes folder;
  const auto errors = [&](const std::string& scenes) {
    return folder.errors_of("scenes: " + scenes + "\n" + kInAndOut);
  };
  EXPECT_THAT(errors("3"), HasSubstr("job.yaml:1: scenes: expected a list of at least one map, got 3"));
  EXPECT_THAT(errors("[]"), HasSubstr("expected a list of at least one map, got an empty list"));
  EXPECT_EQ(errors("[{from: 1s, look: stone}]"),
            "job.yaml:1: scenes.0.from: expected 0, because the first scene begins with the job, got 1s");
  EXPECT_EQ(errors("[{from: 0s, look: stone}, {from: 4s, look: eyes}, {from: 4s, look: eyes}]"),
            "job.yaml:1: scenes.2.from: expected a time after 4s, where the scene before begins");
  EXPECT_EQ(
      errors("[{from: soon}]"),
      "job.yaml:1: scenes.0.from: expected a time such as 8s, 96f or 16bar, got 'soon'\n"
      "job.yaml:1: scenes.0.look: missing; expected the name of a look (`dreamreel looks` lists them), or "
      "a path");
  EXPECT_EQ(errors("[{from: 0s, look: stone, crossfade: 1beat}]"),
            "job.yaml:1: scenes.0.crossfade: expected none in the first scene, which has no scene before it "
            "to fade "
            "from");
  EXPECT_EQ(
      errors("[{from: 0s, look: stone}, {from: 4s, look: eyes, crossfade: 0s}]"),
      "job.yaml:1: scenes.1.crossfade: expected a length above 0 such as 1beat, 2bar, 0.5s or 12f, got '0s'");
  EXPECT_THAT(errors("[{from: 0s, look: ston}]"), HasSubstr("did you mean 'stone'?"));
  EXPECT_EQ(errors("[{from: 0s, look: stone}, {from: 1s, look: adam}]"),
            "job.yaml:1: scenes.1.look: dream.optimizer differs from scene 0, and it cannot change within a "
            "job; set dream.optimizer in the job file, so that all scenes share it");
  EXPECT_THAT(errors("[{from: 0s, look: stone}, {from: 1s, look: moves}]"),
              HasSubstr("scenes.1.look: 'moves' travels, so it cannot be a scene beside others: it has "
                        "keyframes in dream.step"));
  EXPECT_THAT(errors("[{from: 0s, look: eyes}, {from: 1s, look: far}]"),
              HasSubstr("scenes.1.look: dream.balance differs from scene 0"));
}

// A job that extends one with scenes is the same job.
TEST(Scenes, LieBeneathTheFileThatListsThem) {
  const Scenes folder;
  const std::string scenes = "extends: configs/base.yaml\ndream: {objectives: [{layer: mine}]}\n" + kTwo;
  folder.write("parent.yaml", scenes + kInAndOut);
  const Job parent = folder.load("parent.yaml");
  Job child = folder.load_text("extends: parent.yaml\n");
  ASSERT_EQ(parent.dream.objectives.size(), 1U);
  EXPECT_EQ(parent.dream.objectives[0].layer, "mine");
  child.file = parent.file;
  EXPECT_EQ(child, parent);
}

TEST(Scenes, NoLookIsLeftOutSilently) {
  const Scenes folder;
  folder.write("show.yaml", kTwo + kInAndOut);
  EXPECT_EQ(folder.errors_of(kTwo + kInAndOut + "look: far\n"),
            "job.yaml:4: look: expected none beside scenes, which have looks of their own, got 'far'");
  EXPECT_THAT(folder.errors_of("extends: show.yaml\nlook: far\n"),
              HasSubstr("job.yaml:2: look: expected none"));
  EXPECT_EQ(folder.errors_of("extends: show.yaml\nlook: far\nscenes: ~\n"), "");
  EXPECT_EQ(
      folder.errors_of("scenes: [{from: 0s, look: stone}, {from: 1s, look: show.yaml}]\n" + kInAndOut),
      "job.yaml:1: scenes.1.look: expected a look without scenes of its own, got 'show.yaml'; extend that "
      "file instead, or name the looks of its scenes");
  EXPECT_THAT(folder.errors_of("look: show.yaml\n" + kInAndOut),
              HasSubstr("job.yaml:1: look: expected a look"));
  folder.write("old.yaml", "look: far\n" + kInAndOut);
  EXPECT_EQ(folder.errors_of("extends: old.yaml\n" + kTwo), "")
      << "the scenes take the place of an older look";
}

TEST(Scenes, FaultsOfAllScenesAreToldAtOnce) {
  const Scenes folder;
  const std::string text =
      folder.errors_of("scenes:\n  - {from: 0s, look: ston}\n  - {from: 1s, look: eye}\n" + kInAndOut);
  EXPECT_THAT(text, HasSubstr("job.yaml:2: scenes.0.look: expected the name of a look"));
  EXPECT_THAT(text, HasSubstr("job.yaml:3: scenes.1.look: expected the name of a look"));
  const std::string shared = folder.errors_of(kTwo + kInAndOut + "seed: many\n");
  EXPECT_EQ(std::ranges::count(shared, '\n'), 0) << shared;
  folder.write("configs/looks/odd.yaml",
               "extends: ../base.yaml\ndream: {optimizer: adam}\ncolour: {match: first}\n");
  EXPECT_EQ(folder.errors_of("scenes: [{from: 0s, look: stone}, {from: 1s, look: odd}]\n" + kInAndOut),
            "job.yaml:1: scenes.1.look: colour.match, dream.optimizer differ from scene 0, and they cannot "
            "change within a job; set them in the job file, so that all scenes share them");
  folder.write("configs/looks/far_away.yaml",
               "extends: ../base.yaml\ndream: {step: {0s: 1, 4s: 2}, octaves: {0s: 1, 4s: 2}, objectives: "
               "[{layer: a, weight: {0s: 1, 4s: 0}}, {layer: b, weight: {0s: 0, 4s: 1}}]}\n");
  EXPECT_EQ(folder.errors_of("scenes: [{from: 0s, look: stone}, {from: 1s, look: far_away}]\n" + kInAndOut),
            "job.yaml:1: scenes.1.look: 'far_away' travels, so it cannot be a scene beside others: it has "
            "keyframes in dream.objectives, dream.octaves, dream.step");
}

// A clip's output has the name of a look only if the whole job has that look.
TEST(Scenes, NameNoOutput) {
  Scenes folder;
  folder.options.overrides = {"scenes=[{from: 0s, look: stone}, {from: 1s, look: eyes}]"};
  folder.write("clip.mp4", "");
  EXPECT_EQ(folder.load("clip.mp4").output.path.filename(), "clip_dream.mp4");
}

}  // namespace
}  // namespace dreamreel::job
