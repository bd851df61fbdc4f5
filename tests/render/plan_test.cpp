#include "dreamreel/render/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel::render {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// A job whose files are all in one folder; what is in them does not matter to facts.
class Files {
 public:
  explicit Files(const std::string& mask = "a mask") {
    write("net.onnx", "a network");
    write("one.png", "a guide");
    write("mask.png", mask);
    write("song.flac", "a song");
    write("job.yaml",
          "input: {noise: {size: 16x16}, audio: song.flac}\n"
          "output: {path: out.mkv}\n"
          "network: {path: net.onnx}\n"
          "dream: {objectives: [{layer: a, kind: guide, image: one.png}], mask: {path: mask.png}}\n");
  }

  void write(const std::string& name, const std::string& text) const {
    dreamreel::test::write_file(folder_ / name, text);
  }

  Facts facts() const { return facts_of(job("job.yaml"), {}); }
  job::Job job(const std::string& name) const { return job::load_job(folder_ / name, {}); }

 private:
  dreamreel::test::ScratchDir folder_;
};

TEST(Facts, AreTheSameWhereverTheFilesAre) {
  EXPECT_THAT(Files().facts().differences(Files().facts()), IsEmpty());
}

TEST(Facts, NameEachFileWhoseContentIsAnother) {
  const Files files("another mask");
  files.write("song.flac", "another song");
  EXPECT_THAT(
      Files().facts().differences(files.facts()),
      ElementsAre("the content of the file of dream.mask.path", "the content of the file of input.audio"));
}

TEST(MakePlan, EndsWhenItIsAskedToOrOfNoUse) {
  const Files files;
  files.write(
      "plain.yaml",
      "input: {noise: {size: 16x16, duration: 8f}}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
      "dream: {objectives: [{layer: a}]}\n");
  const auto job = files.job("plain.yaml");
  const auto facts = facts_of(job, {});
  std::atomic<bool> stop = false, unwanted = false;
  PlanOptions options;
  options.stop = &stop;
  options.unwanted = &unwanted;
  EXPECT_EQ(make_plan(job, facts, options).frame_count(), 8);
  unwanted = true;
  EXPECT_THROW(make_plan(job, facts, options), Interrupted);
  unwanted = false;
  stop = true;
  EXPECT_THROW(make_plan(job, facts, options), Interrupted);
}

TEST(MakePlan, TakesNoTimeForTenMillionFrames) {
  const Files files;
  files.write(
      "long.yaml",
      "input: {noise: {size: 16384x16384, duration: 10000000f}}\noutput: {path: out.mkv, loop: true}\n"
      "network: {path: net.onnx}\ndream: {objectives: [{layer: a}]}\n");
  const auto job = files.job("long.yaml");
  const auto plan = make_plan(job, facts_of(job, {}), {});
  EXPECT_THAT(plan.shots, ElementsAre(Shot{0, 10'000'000}));
  EXPECT_THAT(plan.run_in, ElementsAre(Shot{-48, 0}));
  PlanOptions options;
  options.range = {100, 200};
  const auto part = make_plan(job, facts_of(job, options.range), options);
  EXPECT_THAT(part.shots, ElementsAre(Shot{100, 200}));
  EXPECT_EQ(part.first_pts, 100);
  options.range = {10'000'000, std::nullopt};
  EXPECT_THROW(make_plan(job, facts_of(job, options.range), options), UsageError);
}

TEST(PlanFile, HasABoundOfSegmentsAndTimes) {
  Plan plan;
  plan.shots = {{0, 1'000'000}};
  plan.pieces = {{.start = 0, .begin = 0, .end = 1'000'000, .shot = 0}};
  plan.segment_frames = 1;
  EXPECT_THROW(plan_from_json(to_json(plan), "plan.json"), DataError);
  plan.segment_frames = 120;
  EXPECT_NO_THROW(plan_from_json(to_json(plan), "plan.json"));
  plan.first_pts = std::numeric_limits<std::int64_t>::min();
  EXPECT_THROW(plan_from_json(to_json(plan), "plan.json"), DataError);
}

TEST(PlanFile, TakesWholeNumbersAlone) {
  Plan plan;
  plan.shots = {{0, 8}};
  plan.pieces = {{.start = 0, .begin = 0, .end = 8, .shot = 0}};
  plan.segment_frames = 8;
  const std::string text = to_json(plan);
  EXPECT_EQ(plan_from_json(text, "plan.json").shots, plan.shots);
  for (const std::string number : {"1e300", "0.5", "\"0\"", "18446744073709551615"}) {
    std::string changed = text;
    const std::string key = "\"first_pts\": ";
    changed.replace(changed.find(key), key.size() + 1, key + number);
    try {
      plan_from_json(changed, "plan.json");
      ADD_FAILURE() << number;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), AllOf(StartsWith("plan.json"), HasSubstr("not whole")));
    }
  }
}

}  // namespace
}  // namespace dreamreel::render
