// The farm of a job, as the page shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/core/log.h"
#include "dreamreel/work/work_folder.h"
#include "dreamreel/work/work_lock.h"
#include "farms.h"
#include "studio_fixture.h"
#include "support/files.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

class StudioFarmTest : public StudioTest {
 protected:
  StudioFarmTest() { test::write_file(scratch_ / "job.yaml", job(kOddName, "out.mkv")); }

  std::string run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{DREAMREEL_EXECUTABLE, "-q", "farm"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto ended = test::run_process(command);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return ended.out;
  }
  // Two chunks of four frames.
  void plan(const std::string& name = "plan.json") const {
    run({"plan", (scratch_ / "job.yaml").string(), "-o", (scratch_ / name).string(), "--max-frames", "4"});
  }
  json farm() const { return json::parse(get("/api/farm?file=job.yaml")->body); }
  static std::vector<std::string> states(const json& farm) {
    std::vector<std::string> all;
    for (const auto& chunk : farm["chunks"]) all.push_back(chunk["state"]);
    return all;
  }

  const work::WorkFolder work_{scratch_ / "out.mkv.work"};
};

TEST_F(StudioFarmTest, ShowsWhatItsChunksDo) {
  using testing::ElementsAre;
  EXPECT_EQ(farm()["plan"], nullptr);
  plan();
  const auto planned = farm();
  EXPECT_EQ(planned["plan"], "plan.json");
  EXPECT_THAT(states(planned), ElementsAre("waiting", "waiting"));
  EXPECT_EQ(planned["chunks"][1]["ranges"], json({{{"begin", 4}, {"end", 8}}}));
  EXPECT_EQ(planned["frames"], 8);
  run({"chunk", "--plan", (scratch_ / "plan.json").string(), "--index", "0"});
  const auto half =
      wait_for([](const json& event) { return event["event"] == "farm" && event["counts"]["done"] == 1; });
  EXPECT_THAT(states(half), ElementsAre("done", "waiting"));
  EXPECT_EQ(half["counts"], json({{"waiting", 1}, {"running", 0}, {"done", 1}, {"failed", 0}}));
  // It says of each chunk what the command line says.
  const auto told = json::parse(run({"status", "--json", "--plan", (scratch_ / "plan.json").string()}));
  for (const auto& chunk : told) {
    const auto& shown = half["chunks"][chunk["chunk"].get<std::size_t>()];
    EXPECT_EQ(shown["status"], chunk["state"]);
    EXPECT_EQ(shown["frames_done"], chunk["frames_done"]);
  }
  {
    const work::WorkLock lock(work_.chunk_lock(1), "a chunk");
    const auto working = farm();
    EXPECT_THAT(states(working), ElementsAre("done", "running"));
    EXPECT_THAT(working["chunks"][1]["holder"], testing::HasSubstr(std::to_string(getpid())));
  }
  EXPECT_THAT(states(farm()), ElementsAre("done", "waiting"));
  const auto part = scratch_ / "out.mkv.work/parts/000000.seg";
  const std::string whole = test::read_file(part);
  test::write_file(part, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(states(farm()), ElementsAre("failed", "waiting"));
}

TEST_F(StudioFarmTest, AHolderWithoutASignOfLifeHasFailed) {
  plan();
  const Workspace workspace(scratch_.path());
  const Jobs jobs(workspace, "");
  Events events;
  job::Job job;
  job.file = scratch_ / "job.yaml";
  job.output.path = scratch_ / "out.mkv";
  fs::create_directories(work_.root());
  test::write_file(work_.chunk_lock(0), "elsewhere 4711\nmachine namespace token 1\n");
  const auto state_after = [&](std::chrono::milliseconds silent) {
    Farms farms(jobs, workspace, events, {std::chrono::hours(1), silent});
    return farms.state(job)["chunks"][0]["state"].get<std::string>();
  };
  EXPECT_EQ(state_after(std::chrono::hours(1)), "running");
  EXPECT_EQ(state_after(std::chrono::milliseconds(0)), "failed");
}

// A part of numbered pictures only lists them.
TEST_F(StudioFarmTest, AChunkWhosePictureIsGoneIsNotDone) {
  test::write_file(scratch_ / "job.yaml", job(kOddName, "out_%03d.png"));
  plan();
  run({"chunk", "--plan", (scratch_ / "plan.json").string(), "--index", "0"});
  using testing::ElementsAre;
  EXPECT_THAT(states(farm()), ElementsAre("done", "waiting"));
  const std::string picture = test::read_file(scratch_ / "out_002.png");
  fs::remove(scratch_ / "out_002.png");
  EXPECT_THAT(states(farm()), ElementsAre("failed", "waiting"));
  test::write_file(scratch_ / "out_002.png", picture);
  EXPECT_THAT(states(farm()), ElementsAre("done", "waiting"));
}

TEST_F(StudioFarmTest, FindsTheLatestPlanAmongManyFiles) {
  constexpr int kFiles = 300;
  for (int i = 0; i < kFiles; ++i) test::write_file(scratch_ / ("n" + std::to_string(i) + ".json"), "{}");
  fs::path last;  // in the order in which the folder lists its files
  for (const auto& entry : fs::directory_iterator(scratch_.path()))
    if (entry.path().extension() == ".json") last = entry.path();
  const test::ScratchDir elsewhere;
  run({"plan", (scratch_ / "job.yaml").string(), "-o", (elsewhere / "plan.json").string()});
  const auto old = fs::last_write_time(last) - std::chrono::hours(1);
  for (const auto& entry : fs::directory_iterator(scratch_.path()))
    if (entry.path().extension() == ".json") fs::last_write_time(entry.path(), old);
  test::write_file(last, test::read_file(elsewhere / "plan.json"));
  EXPECT_EQ(farm()["plan"], last.filename().string());
}

// What is read of one farm takes long, if its parts are large.
TEST_F(StudioFarmTest, ALookAtOneFarmDoesNotHoldUpAnother) {
  plan();
  fs::create_directories(work_.root() / "parts");
  test::write_file(work_.root() / "parts/000000.seg", "no part");  // whoever reads it says so
  const Workspace workspace(scratch_.path());
  const Jobs jobs(workspace, "");
  Events events;
  Farms farms(jobs, workspace, events, {std::chrono::hours(1), std::chrono::hours(1)});
  job::Job slow, other;
  slow.file = scratch_ / "job.yaml";
  slow.output.path = scratch_ / "out.mkv";
  other.file = scratch_ / "other.yaml";
  other.output.path = scratch_ / "other.mkv";
  std::future_status answered = std::future_status::deferred;
  std::future<void> answer;
  set_log_sink([&](LogLevel, std::string_view) {  // within the look at the first one
    answer = std::async(std::launch::async, [&] { farms.state(other); });
    answered = answer.wait_for(kPatience);
  });
  farms.state(slow);
  set_log_sink({});
  EXPECT_EQ(answered, std::future_status::ready);
}

TEST_F(StudioFarmTest, LooksAtNoOtherFile) {
  test::write_file(scratch_ / "no_plan.json", "[1, 2, 3]");
  test::write_file(scratch_ / "deep.json", std::string(100'000, '['));
  EXPECT_EQ(farm()["plan"], nullptr);
  plan();
  EXPECT_EQ(farm()["plan"], "plan.json");
  // A plan of another output is another job's.
  test::write_file(scratch_ / "job.yaml", job(kOddName, "other.mkv"));
  EXPECT_EQ(farm()["plan"], nullptr);
  // A work folder that lies elsewhere is not read.
  test::write_file(scratch_ / "job.yaml", job(kOddName, "out.mkv"));
  const test::ScratchDir elsewhere;
  fs::create_symlink(elsewhere.path(), work_.root());
  EXPECT_EQ(farm()["plan"], nullptr);
  fs::remove(work_.root());
  // Nor is a plan whose job names a file of elsewhere.
  std::string text = test::read_file(scratch_ / "plan.json");
  const std::string network = (scratch_ / "tiny.onnx").string();
  const auto at = text.find(network);
  ASSERT_NE(at, std::string::npos);
  test::write_file(elsewhere / "tiny.onnx", test::read_file(network));
  test::write_file(scratch_ / "plan.json",
                   text.replace(at, network.size(), (elsewhere / "tiny.onnx").string()));
  EXPECT_EQ(farm()["plan"], nullptr);
  EXPECT_EQ(get("/api/farm?file=../job.yaml")->status, 403);
  EXPECT_EQ(get("/api/farm?file=gone.yaml")->status, 404);
}

}  // namespace
}  // namespace dreamreel::studio
