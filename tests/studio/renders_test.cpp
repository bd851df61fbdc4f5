// Renders whose program is a script, which ends as the test wants it.
#include "renders.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "api_error.h"
#include "dreamreel/work/work_folder.h"
#include "dreamreel/work/work_lock.h"
#include "support/files.h"

namespace dreamreel::studio {
namespace {

namespace fs = std::filesystem;

class RendersTest : public testing::Test {
 protected:
  RendersTest() {
    setenv("XDG_CACHE_HOME", (scratch_ / "cache").c_str(), 1);
    job_.file = scratch_ / "job.yaml";
    job_.output.path = scratch_ / "out.mkv";
  }
  ~RendersTest() override {
    if (cache_before_.empty())
      unsetenv("XDG_CACHE_HOME");
    else
      setenv("XDG_CACHE_HOME", cache_before_.c_str(), 1);
  }

  fs::path script(const std::string& text) const {
    test::write_file(scratch_ / "script", "#!/bin/sh\n" + text + "\n");
    fs::permissions(scratch_ / "script", fs::perms::owner_all);
    return scratch_ / "script";
  }

  // Starts the render, and returns its state once it has ended.
  nlohmann::json state_after(Renders& renders) {
    const auto listener = events_.join();
    renders.start(job_, false);
    nlohmann::json state;
    do {
      const auto text = events_.next(listener, std::chrono::minutes(1));
      if (!text || text->empty()) throw std::runtime_error("no event came");
      state = nlohmann::json::parse(text->substr(text->find('{')));
    } while (state["state"] == "running");
    return state;
  }

  test::ScratchDir scratch_;
  const std::string cache_before_ = std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "";
  const Workspace workspace_{scratch_.path()};
  Events events_;
  job::Job job_;
};

TEST_F(RendersTest, ARenderHoldsNothingOpenThatTheStudioHasOpen) {
  test::write_file(scratch_ / "held", "");
  const int held = open((scratch_ / "held").c_str(), O_RDONLY);  // without O_CLOEXEC, as sockets are
  ASSERT_GT(held, 2);
  Renders renders(
      workspace_, events_,
      script("for f in /proc/$$/fd/*; do readlink $f; done > " + (scratch_ / "open").string() + "; exit 3"));
  EXPECT_EQ(state_after(renders)["state"], "failed");
  close(held);
  EXPECT_THAT(test::read_file(scratch_ / "open"), testing::HasSubstr("/dev/null"));
  EXPECT_THAT(test::read_file(scratch_ / "open"), testing::Not(testing::HasSubstr("/held")));
}

TEST_F(RendersTest, AFailureIsOverOnceAnotherProcessRenders) {
  Renders renders(workspace_, events_, script("exit 3"));
  EXPECT_EQ(state_after(renders)["state"], "failed");
  {
    const work::WorkLock lock(work::WorkFolder(work::work_folder_beside(job_.output.path)).lock(),
                              "a render");
    EXPECT_EQ(renders.state(job_)["state"], "running");
  }
  test::write_file(job_.output.path, "x");
  EXPECT_EQ(renders.state(job_)["state"], "finished");
}

// Else the list of jobs that are looked at would grow with every job that a page has ever opened.
TEST_F(RendersTest, OnlyTheLatestJobsAreFollowed) {
  constexpr int kJobs = 40;
  Renders renders(workspace_, events_, script("exit 3"));
  const auto listener = events_.join();
  const auto numbered = [this](int number) {
    job::Job job;
    job.file = scratch_ / ("job" + std::to_string(100 + number) + ".yaml");
    job.output.path = scratch_ / ("out" + std::to_string(number) + ".mkv");
    return job;
  };
  const auto next_of = [&](const job::Job& wanted, const job::Job& unwanted) {
    for (;;) {
      const auto text = events_.next(listener, std::chrono::minutes(1));
      if (!text || text->empty()) throw std::runtime_error("no event came");
      const auto event = nlohmann::json::parse(text->substr(text->find('{')));
      EXPECT_NE(event["job"], unwanted.file.filename().string());
      if (event["job"] == wanted.file.filename().string()) return event;
    }
  };
  const auto first = numbered(0), last = numbered(kJobs);
  for (int i = 0; i <= kJobs; ++i) EXPECT_EQ(renders.state(numbered(i))["state"], "none");
  next_of(last, job_);
  // The watcher looks at the jobs by their names, so it would tell of the first one before the last one.
  for (const auto& job : {first, last}) test::write_file(job.output.path, "x");
  renders.state(last);
  EXPECT_EQ(next_of(last, first)["output_exists"], true);
  EXPECT_EQ(renders.state(first)["output_exists"], true) << "it is followed again";
  EXPECT_EQ(next_of(first, job_)["output_exists"], true);
}

// The file of a job may name another output while its render runs.
TEST_F(RendersTest, ARunningRenderIsTheJobsThoughItsOutputWasEdited) {
  job::Job edited = job_;
  edited.output.path = scratch_ / "other.mkv";
  {
    Renders renders(workspace_, events_, script("exec sleep 1000"));
    const auto listener = events_.join();
    renders.start(job_, false);
    const auto state = renders.state(edited);
    EXPECT_EQ(state["state"], "running");
    EXPECT_EQ(state["output"], "out.mkv");
    EXPECT_THROW(renders.start(edited, false), ApiError);
    renders.pause(edited);
    nlohmann::json event;
    while (event["state"] != "none") {
      const auto text = events_.next(listener, std::chrono::minutes(1));
      ASSERT_TRUE(text && !text->empty());
      event = nlohmann::json::parse(text->substr(text->find('{')));
    }
    EXPECT_EQ(event["output"], "other.mkv");
  }
  // A studio that is started later finds it, too.
  Renders later(workspace_, events_, script("exit 3"));
  EXPECT_EQ(later.state(edited)["state"], "none");
  const work::WorkLock lock(work::WorkFolder(work::work_folder_beside(job_.output.path)).lock(), "a render");
  EXPECT_EQ(later.state(edited)["state"], "none") << "another process renders into that output by now";
  note_started(job_.file, getpid(), job_.output.path);
  EXPECT_EQ(later.state(edited)["state"], "running");
  EXPECT_EQ(later.state(edited)["output"], "out.mkv");
}

}  // namespace
}  // namespace dreamreel::studio
