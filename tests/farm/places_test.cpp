// Tests a plan that is opened where it is rendered. Its job comes from a stranger, and from memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/schedule/plan_json.h"
#include "support/files.h"
#include "support/scoped_environment.h"

namespace dreamreel::farm {
namespace {

using testing::HasSubstr;

class PlanFile {
 public:
  explicit PlanFile(const std::string& job_yaml) {
    schedule::Plan plan;
    plan.shots = {{0, 3}};
    plan.job_yaml = job_yaml;
    split(plan, {});
    test::write_file(path(), schedule::to_json(plan));
  }
  std::filesystem::path path() const { return scratch_ / "plan.json"; }
  Places places() const {
    Places places;
    places.plan = path();
    return places;
  }

 private:
  test::ScratchDir scratch_;
};

const std::string kJob =
    "network: {path: /net.onnx}\noutput: {path: /out/o.mp4}\ndream: {objectives: [{layer: a}]}\n";

TEST(OpenFarm, NeedsNoTemporaryFolder) {
  const PlanFile plan(kJob + "input: {path: /clips/a.mp4}\n");
  const test::ScopedEnvironment none("TMPDIR", "/scratch/none/123");
  const auto farm = open_farm(plan.places());
  EXPECT_EQ(farm.job.input.path, "/clips/a.mp4");
}

TEST(OpenFarm, KeepsNamesThatAreNotUtf8) {
  const test::ScratchDir scratch;
  job::Job job;
  job.input.path =
      "/clips/\xfc"
      "bung: #1.mp4";
  job.output.path = "/out/\xf6.mp4";
  job.network.path = job.network.name = "/\xe4.onnx";
  job.dream.objectives.emplace_back().layer = "a";
  const PlanFile plan(job::to_yaml(job));
  const auto farm = open_farm(plan.places());
  EXPECT_EQ(farm.job.input.path, job.input.path);
  EXPECT_EQ(farm.job.output.path, job.output.path);
  EXPECT_EQ(farm.job.network.path, job.network.path);
}

TEST(OpenFarm, KnowsTheNameOfTheJobFile) {
  job::Job job;
  job.file = "/jobs/dream.yaml";
  job.input.path = "/clips/a.mp4";
  job.output.path = "/out/o.mp4";
  job.output.metadata = job::Output::Metadata::name;
  job.network.path = job.network.name = "/net.onnx";
  job.dream.objectives.emplace_back().layer = "a";
  schedule::FirstPass pass;
  pass.shots = {{0, 3}};
  const PlanFile plan(schedule::plan_of(job, {}, pass, schedule::kSegmentFrames).job_yaml);
  EXPECT_EQ(open_farm(plan.places()).job.file.filename(), "dream.yaml");
  const PlanFile stranger("# /etc/..\n" + kJob + "input: {path: /clips/a.mp4}\n");
  EXPECT_EQ(open_farm(stranger.places()).job.file.filename(), "..");
}

TEST(OpenFarm, LetsAPlanExtendNothing) {
  const PlanFile plan(kJob + "extends: /etc/passwd\n");
  try {
    open_farm(plan.places());
    FAIL();
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), HasSubstr("plan.json:4: extends: expected none in a resolved job"));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("root:")));
  }
}

TEST(OpenFarm, RefusesWhatIsNoPlanWithoutReadingItForEver) {
  Places places;
  places.plan = "/dev/zero";
  EXPECT_THROW(open_farm(places), InputError);
  const PlanFile plan(kJob);
  places.plan = plan.path();
  test::write_file(plan.path(), std::string(1'000'000, '['));
  EXPECT_THROW(open_farm(places), DataError);
  std::filesystem::resize_file(plan.path(), std::uintmax_t{1} << 40);  // takes no room
  EXPECT_THROW(open_farm(places), InputError);
}

TEST(MappedPath, RefusesWhatIsNoMapping) {
  const test::ScratchDir scratch;
  const auto file = scratch / "map.json";
  test::write_file(file, std::string(1'000'000, '['));
  EXPECT_THROW(mapped_path("/a", file), DataError);
  EXPECT_THROW(mapped_path("/a", "/dev/zero"), InputError);
  EXPECT_THROW(mapped_path("/a", scratch / "none"), InputError);
}

}  // namespace
}  // namespace dreamreel::farm
