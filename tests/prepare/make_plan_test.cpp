#include "dreamreel/prepare/make_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
#include "dreamreel/work/facts.h"
#include "support/files.h"
#include "support/series_jobs.h"

namespace dreamreel::prepare {
namespace {

using testing::ElementsAre;

// A job whose files are all in one folder.
class Files {
 public:
  Files() { write("net.onnx", "a network"); }
  void write(const std::string& name, const std::string& text) const {
    dreamreel::test::write_file(folder_ / name, text);
  }
  job::Job job(const std::string& name) const { return job::load_job(folder_ / name, {}); }

 private:
  dreamreel::test::ScratchDir folder_;
};

TEST(MakePlan, EndsWhenItIsAskedToOrOfNoUse) {
  const Files files;
  files.write(
      "plain.yaml",
      "input: {noise: {size: 16x16, duration: 8f}}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
      "dream: {objectives: [{layer: a}]}\n");
  const auto job = files.job("plain.yaml");
  const auto facts = work::facts_of(job, {});
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
  const auto plan = make_plan(job, work::facts_of(job, {}), {});
  EXPECT_THAT(plan.shots, ElementsAre(schedule::Shot{0, 10'000'000}));
  EXPECT_THAT(plan.run_in, ElementsAre(schedule::Shot{-48, 0}));
  PlanOptions options;
  options.range = {100, 200};
  const auto part = make_plan(job, work::facts_of(job, options.range), options);
  EXPECT_THAT(part.shots, ElementsAre(schedule::Shot{100, 200}));
  EXPECT_EQ(part.first_pts, 100);
  options.range = {10'000'000, std::nullopt};
  EXPECT_THROW(make_plan(job, work::facts_of(job, options.range), options), UsageError);
}

using OwnVariablesTest = dreamreel::test::SeriesJobs;

// The same stem begins with the clip, or with the song.
TEST_F(OwnVariablesTest, CutsByStemsAreKeptForTheSameBeginningAlone) {
  write("net.onnx", "a network");
  PlanOptions options;
  options.shots_cache = *folder_ / "shots.json";
  const std::string keys = dreamreel::test::kStems + "temporal: {cuts: \"gt(late.treble,0.5)\"}\n";
  const auto begins = [&](const std::string& input) {
    const auto cut = job(keys, input);
    std::vector<std::int64_t> list;
    for (const auto& shot : make_plan(cut, work::facts_of(cut, {}), options).shots)
      list.push_back(shot.begin);
    return list;
  };
  EXPECT_THAT(begins("path: clip.mkv, trim: [0.8s, ~]"), ElementsAre(0, 30));
  EXPECT_THAT(begins("path: clip.mkv, trim: [0.8s, ~], audio: late.wav"), ElementsAre(0, 50));
}

}  // namespace
}  // namespace dreamreel::prepare
