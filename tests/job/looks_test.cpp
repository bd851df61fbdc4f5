// Looks by name: as a parent, beneath a job, and in place of the one that a job builds on.
#include "dreamreel/job/looks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/settings/key_places.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kInAndOut;
using testing::HasSubstr;

// base <- agate, base <- argus; `film` stands for a shared job that builds on agate.
struct Looks : JobFolder {
  Looks() {
    options.job_folders = {path("configs")};
    options.look_folders = {path("configs/looks")};
    write("configs/base.yaml", "network: net\ndream: {step: 1, octaves: 4, objectives: [{layer: base}]}\n");
    write("configs/looks/agate.yaml",
          "# Polished stone. Works on walls.\nextends: ../base.yaml\ninput: {path: its_own.jpg, filter: "
          "hflip}\n"
          "output: {path: its_own.png}\ndream: {octaves: 6, objectives: [{layer: agate}]}\n");
    write("configs/looks/argus.yaml",
          "extends: ../base.yaml\ndream: {step: 3, objectives: [{layer: argus}]}\nseed: 3\n");
    write("configs/film.yaml", "extends: looks/agate.yaml\n" + kInAndOut + "dream: {opacity: 0.5}\n");
  }
  std::string layer_of(const std::string& yaml) const { return load_text(yaml).dream.objectives.at(0).layer; }
};

TEST(Looks, AreListedWithTheirFirstSentence) {
  Looks folder;
  folder.write("mine/agate.yaml", "# Mine, by A. b. c: stone\n# in two lines. More.\nseed: 1\n");
  folder.options.look_folders.insert(folder.options.look_folders.begin(), folder.path("mine"));
  const auto looks = list_looks(folder.options);
  ASSERT_EQ(looks.size(), 2U);
  EXPECT_EQ(looks[0].name, "agate");
  EXPECT_EQ(looks[0].file, folder.path("mine/agate.yaml")) << "the first folder counts";
  EXPECT_EQ(looks[0].description, "Mine, by A. b. c: stone in two lines.");
  EXPECT_EQ(looks[1].name, "argus");
}

TEST(Looks, AreFoundByNameWithSuggestions) {
  const Looks folder;
  EXPECT_EQ(find_look("argus", folder.options), folder.path("configs/looks/argus.yaml"));
  EXPECT_EQ(find_look("base", folder.options), folder.path("configs/base.yaml"));
  const auto message = [&](const std::string& name) {
    try {
      find_look(name, folder.options);
    } catch (const JobError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message("agat"), HasSubstr("got 'agat'; did you mean 'agate'?"));
  EXPECT_THAT(message("qqqqqqqq"), HasSubstr("the looks are agate, argus"));
  EXPECT_THAT(message("../base"), HasSubstr("got '../base'")) << "a name leads nowhere else";
}

TEST(Looks, AJobExtendsOneByName) {
  const Looks folder;
  const Job job = folder.load_text("extends: agate\n" + kInAndOut);
  EXPECT_EQ(job.dream.objectives.at(0).layer, "agate");
  EXPECT_EQ(job.input.filter, "hflip") << "all of it, as of any parent";
  EXPECT_EQ(folder.errors_of("extends: agaet\n"),
            "job.yaml:1: extends: expected the name of a look or a path to a job file, got 'agaet'; did you "
            "mean 'agate'?");
  folder.write("agate", "network: net\nseed: 9\ndream: {objectives: [{layer: a}]}\n" + kInAndOut);
  EXPECT_EQ(folder.load_text("extends: agate\n").seed, 9U) << "a file beside the job counts before a look";
}

TEST(Looks, ALookLiesBeneathTheJobWithoutInputAndOutput) {
  const Looks folder;
  const Job job = folder.load_text("look: agate\n" + kInAndOut + "dream: {octaves: 3}\n");
  EXPECT_EQ(job.dream.objectives.at(0).layer, "agate");
  EXPECT_EQ(job.dream.octaves, Curve(3));
  EXPECT_EQ(job.input.filter, "");
  EXPECT_EQ(job.output.path, folder.path("out.mp4"));
  EXPECT_EQ(
      folder.errors_of("look: agaet\n" + kInAndOut),
      "job.yaml:1: look: expected the name of a look or a path to a job file, got 'agaet'; did you mean "
      "'agate'?");
  EXPECT_EQ(folder.errors_of("look: [agate]\n"),
            "job.yaml:1: look: expected the name of a look, got a list of 1");
}

TEST(Looks, ALookTakesThePlaceOfTheOneThatTheParentsBuildOn) {
  const Looks folder;
  const Job job = folder.load_text("extends: film\nlook: argus\n");
  EXPECT_EQ(job.dream.objectives.at(0).layer, "argus");
  EXPECT_EQ(job.dream.octaves, Curve(4)) << "nothing of agate is left";
  EXPECT_EQ(job.dream.opacity, Curve(0.5)) << "what the parent says beside its look stays";
  EXPECT_EQ(job.input.path, folder.path("configs/in.mp4"));
  EXPECT_EQ(folder.layer_of("extends: film\nlook: argus\ndream: {objectives: [{layer: mine}]}\n"), "mine")
      << "beside the key, the job's own layers count";
  EXPECT_EQ(folder.layer_of("extends: film\nlook: ~\n"), "agate");
}

TEST(Looks, ATildeTakesBackALook) {
  Looks folder;
  folder.write("parent.yaml", "extends: base\nlook: agate\n" + kInAndOut);
  EXPECT_EQ(folder.layer_of("extends: parent.yaml\nlook:\n"), "agate") << "nothing behind a key";
  EXPECT_EQ(folder.layer_of("extends: parent.yaml\nlook: ~\n"), "base");
  folder.write("child.yaml", "extends: parent.yaml\nlook: ~\n");
  EXPECT_EQ(folder.layer_of("extends: child.yaml\nlook: argus\n"), "argus");
  folder.options.overrides = {"look=~"};
  EXPECT_EQ(folder.layer_of("extends: base\nlook: agate\n" + kInAndOut), "base");
  folder.options.overrides = {"look=argus", "look=~"};
  EXPECT_EQ(folder.layer_of("extends: base\nlook: agate\n" + kInAndOut), "base") << "the last one counts";
  folder.options.overrides = {"look=~", "look=argus"};
  EXPECT_EQ(folder.layer_of("extends: base\nlook: agate\n" + kInAndOut), "argus");
}

TEST(Looks, TheCommandLinesLookCountsBeforeTheJobsOwnLayers) {
  Looks folder;
  folder.options.overrides = {"dream.opacity=0.25", "look=argus"};
  const std::string own =
      "extends: base\nlook: agate\n" + kInAndOut + "dream: {octaves: 2, objectives: [{layer: mine}]}\n";
  const Job job = folder.load_text(own);
  EXPECT_EQ(job.dream.objectives.at(0).layer, "argus");
  EXPECT_EQ(job.dream.octaves, Curve(2));
  EXPECT_EQ(job.dream.step, Curve(3));
  EXPECT_EQ(job.dream.opacity, Curve(0.25));
  folder.options.overrides = {"look=agaet"};
  EXPECT_EQ(folder.errors_of(own),
            "--look agaet: look: expected the name of a look or a path to a job file, got 'agaet'; did you "
            "mean 'agate'?");
}

TEST(Looks, KeysOfALookKnowTheirFile) {
  const Looks folder;
  folder.write("job.yaml", "look: agate\n" + kInAndOut);
  settings::KeyPlaces places;
  load_job(folder.path("job.yaml"), folder.options, {}, places);
  EXPECT_EQ(places.nearest("dream.octaves").file, folder.path("configs/looks/agate.yaml"));
  EXPECT_LT(places.nearest("dream.octaves").rank, places.nearest("input.path").rank);
}

TEST(Objectives, AreTheLayersThatTheCardRecommendsWhereNoneAreNamed) {
  const JobFolder folder;
  folder.write("cards/net.yaml", "name: net\nfile: net.onnx\nrecommended: {layers: [b, c]}\n");
  const Job job = folder.load_text("network: net\n" + kInAndOut);
  EXPECT_EQ(job.dream.objectives, (std::vector<LayerObjective>{{"b", 1}, {"c", 1}}));
  folder.write("cards/bare.yaml", "name: bare\nfile: net.onnx\n");
  EXPECT_THAT(
      folder.errors_of("network: bare\n" + kInAndOut),
      HasSubstr("dream.objectives: missing; expected a list of at least one map, or dream.journey: the "
                "network 'bare' has no card that recommends layers"));
}

}  // namespace
}  // namespace dreamreel::job
