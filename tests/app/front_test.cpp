// Tests which commands `dreamreel` answers itself, and what it passes to the engine. A script takes the
// engine's place and prints its arguments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "dreamreel/core/error.h"
#include "dreamreel/farm/done_check.h"
#include "support/files.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FrontTest : public testing::Test {
 protected:
  FrontTest() {
    fs::copy_file(DREAMREEL_FRONT, scratch / "dreamreel");
    write_engine(
        "#!/bin/sh\nfor a; do printf '<%s>' \"$a\"; done\n"
        "echo \"spin=$GOMP_SPINCOUNT\"\nexit 42\n");
    // The files of a finished chunk.
    test::write_file(plan, "the plan");
    fs::create_directories(work / "parts");
    test::write_file(part, "the part");
    test::write_file(farm::done_file_in(work, 3), farm::done_file_text(plan, "id", 3, 24, {part}));
  }

  void write_engine(const std::string& text) {
    const fs::path engine = scratch / "dreamreel-engine";
    test::write_file(engine, text);
    fs::permissions(engine, fs::perms::owner_all);
  }

  test::ProcessResult run(std::vector<std::string> arguments,
                          const std::vector<std::string>& environment = {}) {
    std::vector<std::string> command{"env", "-u", "OMP_WAIT_POLICY", "-u", "GOMP_SPINCOUNT"};
    command.insert(command.end(), environment.begin(), environment.end());
    command.push_back((scratch / "dreamreel").string());
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run_process(command);
  }

  std::vector<std::string> chunk(const std::string& index, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"farm",   "chunk",       "--plan",  plan.string(),
                                       "--work", work.string(), "--index", index};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  static bool asked_the_engine(const test::ProcessResult& result) { return result.exit_code == 42; }

  test::ScratchDir scratch;
  const fs::path plan = scratch / "plan.json", work = scratch / "clip.work", part = work / "parts/000000.seg";
};

TEST_F(FrontTest, TheEngineGetsEveryArgumentAsItIs) {
  const auto result = run({"render", "two words", "", "line\nbreak", "$HOME", "--x=*"});
  EXPECT_TRUE(asked_the_engine(result));
  EXPECT_THAT(result.out, HasSubstr("<render><two words><><line\nbreak><$HOME><--x=*>"));
  EXPECT_TRUE(asked_the_engine(run({})));
}

TEST_F(FrontTest, WaitingThreadsSleepUnlessTheUserWantsOtherwise) {
  EXPECT_THAT(run({"render"}).out, HasSubstr("spin=3000\n"));
  EXPECT_THAT(run({"render"}, {"GOMP_SPINCOUNT=7"}).out, HasSubstr("spin=7\n"));
  EXPECT_THAT(run({"render"}, {"OMP_WAIT_POLICY=active"}).out, HasSubstr("spin=\n"));
}

#ifndef __SANITIZE_ADDRESS__  // which itself needs more addresses than any limit leaves
TEST_F(FrontTest, TooFewAddressesAreSaidBeforeTheEngineStarts) {
  const auto limited = [&](const std::string& kib) {
    return test::run_process(
        {"sh", "-c", "ulimit -v " + kib + "; exec \"$0\" render x.mp4", (scratch / "dreamreel").string()});
  };
  const auto refused = limited("800000");
  EXPECT_EQ(refused.exit_code, static_cast<int>(ExitCode::render));
  EXPECT_THAT(refused.err, HasSubstr("781 MiB of addresses (ulimit -v)"));
  EXPECT_TRUE(asked_the_engine(limited("4000000")));
}
#endif

TEST_F(FrontTest, AMissingEngineIsNamed) {
  fs::remove(scratch / "dreamreel-engine");
  const auto result = run({"render"});
  EXPECT_EQ(result.exit_code, static_cast<int>(ExitCode::unavailable));
  EXPECT_THAT(result.err, HasSubstr("cannot run " + (scratch / "dreamreel-engine").string()));
  EXPECT_THAT(result.err, HasSubstr("belongs beside"));
}

TEST_F(FrontTest, AChunkThatIsDoneIsAnsweredWithoutTheEngine) {
  const auto result = run(chunk("3"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("chunk 3 was done already"));
  EXPECT_EQ(run(chunk("3", {"--device", "cpu", "--threads", "2", "--memory", "4GiB"})).exit_code, 0);
  EXPECT_THAT(run(chunk("3", {"--progress", "json"})).out, HasSubstr("{\"event\":\"activity\""));
}

TEST_F(FrontTest, AllElseOfAChunkIsTheEngines) {
  EXPECT_TRUE(asked_the_engine(run(chunk("2")))) << "it is not done";
  EXPECT_TRUE(asked_the_engine(run(chunk("3", {"--restart"})))) << "it is to be done again";
  EXPECT_TRUE(asked_the_engine(run(chunk("3", {"--no-such-option"})))) << "whose messages are better";
  EXPECT_TRUE(asked_the_engine(run(chunk("three"))));
  EXPECT_TRUE(asked_the_engine(run({"farm", "chunk", "--plan", plan.string(), "--index", "3"})))
      << "the plan, which says where the output is, is none";
  EXPECT_TRUE(asked_the_engine(run({"farm", "status", "--plan", plan.string()})));
}

TEST_F(FrontTest, AChunkWhosePartsOrPlanChangedIsNotDone) {
  test::write_file(part, "another part");
  EXPECT_TRUE(asked_the_engine(run(chunk("3"))));
  test::write_file(part, "the part");
  EXPECT_FALSE(asked_the_engine(run(chunk("3"))));
  test::write_file(plan, "another plan");
  EXPECT_TRUE(asked_the_engine(run(chunk("3"))));
  test::write_file(plan, "the plan");
  for (const char* const damaged : {"", "{", "[]", R"({"chunk": 3, "parts": []})"}) {
    test::write_file(farm::done_file_in(work, 3), damaged);
    EXPECT_TRUE(asked_the_engine(run(chunk("3")))) << damaged;
  }
}

}  // namespace
}  // namespace dreamreel::app
