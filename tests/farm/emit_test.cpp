// Tests the files for schedulers. A stranger's plan chooses all names in them.
#include "dreamreel/farm/emit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "dreamreel/core/error.h"
#include "script.h"
#include "support/files.h"

namespace dreamreel::farm {
namespace {

using testing::HasSubstr;

Farm farm_with(const std::string& output, const std::string& source = "/clips/a.mp4") {
  schedule::Plan plan;
  plan.shots = {{0, 3}, {3, 5}};
  split(plan, {});
  job::Job job;
  job.input.path = source;
  job.output.path = output;
  job.network.path = "/net.onnx";
  return {"/plan.json", plan, job, work::WorkFolder(output + ".work")};
}

struct Emitted {
  explicit Emitted(const Farm& farm, Scheduler scheduler, EmitOptions options = {}) {
    options.scheduler = scheduler;
    options.folder = scratch / "scripts";
    options.executable = "/usr/bin/dreamreel";
    Places places;
    places.plan = "/plan.json";
    places.network = "/net.onnx";
    emit(farm, places, options);
  }
  std::string file(const std::string& name) const { return test::read_file(scratch / "scripts" / name); }

  test::ScratchDir scratch;
};

class EveryScheduler : public testing::TestWithParam<Scheduler> {};
INSTANTIATE_TEST_SUITE_P(Schedulers, EveryScheduler,
                         testing::Values(Scheduler::commands, Scheduler::slurm, Scheduler::openjd));

TEST_P(EveryScheduler, RefusesNamesWithControlCharactersBeforeAnythingIsWritten) {
  const test::ScratchDir scratch;
  EmitOptions options{GetParam(), scratch / "scripts", "/usr/bin/dreamreel"};
  Places places;
  places.plan = "/plan.json";
  for (const std::string name :
       {"/out/a\ntouch /tmp/owned\n.mp4", "/out/a\rb.mp4", "/out/\x1b[2J.mp4", "/out/a\tb.mp4"}) {
    EXPECT_THROW(emit(farm_with(name), places, options), JobError);
    EXPECT_THROW(emit(farm_with("/out/a.mp4", name), places, options), JobError);
    Places odd = places;
    odd.plan = name;
    EXPECT_THROW(emit(farm_with("/out/a.mp4"), odd, options), JobError);
  }
  EXPECT_FALSE(std::filesystem::exists(options.folder));
}

TEST_P(EveryScheduler, SaysWhichNameItIs) {
  const test::ScratchDir scratch;
  EmitOptions options{GetParam(), scratch / "scripts", "/usr/bin/dreamreel"};
  Places places;
  places.plan = "/plan.json";
  try {
    emit(farm_with("/out/a\nb.mp4"), places, options);
    FAIL();
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the name of the work folder holds a line break"));
    EXPECT_THAT(error.what(), HasSubstr("a\\nb"));
  }
}

TEST(EmitCommands, HasALineForEachChunkWhateverTheName) {
  const Emitted emitted(farm_with("/out/it's $(touch owned) `x` \\ \"%.mp4"), Scheduler::commands);
  const std::string commands = emitted.file("commands");
  EXPECT_EQ(std::ranges::count(commands, '\n'), 2);
  EXPECT_THAT(commands, HasSubstr("--output '/out/it'\\''s $(touch owned) `x` \\ \"%.mp4'"));
}

TEST(EmitCommands, KeepsNamesThatAreNotUtf8) {
  EXPECT_THAT(Emitted(farm_with("/out/\xfc.mp4"), Scheduler::commands).file("commands"),
              HasSubstr("--output '/out/\xfc.mp4'"));
}

TEST(EmitOpenJd, RefusesNamesThatAreNotUtf8) {
  EXPECT_THROW(Emitted(farm_with("/out/\xfc.mp4"), Scheduler::openjd), JobError);
}

std::string words(Scheduler scheduler, EmitOptions options = {}) {
  options.scheduler = scheduler;
  options.folder = "scripts";
  std::string text;
  for (const auto& line : asked_in_words(farm_with("/out/a.mp4"), options)) text += line + "\n";
  return text;
}

TEST(EmitWords, SayHowToBeginAndWhatIsLeftToTheScheduler) {
  EXPECT_EQ(
      words(Scheduler::slurm),
      "scripts/submit.sh submits 2 chunks and the join\n"
      "without --threads, --memory and --minutes, the scheduler's own defaults count\n"
      "nothing was measured: --measure times one step here, and asks for the memory and the time that it "
      "points to\n");
  EmitOptions options;
  options.threads = 8;
  options.gpus = 1;
  options.memory = 4LL << 30;
  options.reserved_bytes = 5LL << 30;
  EXPECT_THAT(words(Scheduler::slurm, options),
              testing::AllOf(HasSubstr("a chunk asks for 8 cores, 1 GPU and 5.0GiB\n"),
                             HasSubstr("without --minutes, "), HasSubstr("nothing was measured")));
  EXPECT_EQ(words(Scheduler::openjd, options),
            "scripts/template.yaml has a task for each of 2 chunks, and the join\n"
            "a chunk asks for 8 cores, 1 GPU and 5.0GiB\n");
  EXPECT_EQ(words(Scheduler::commands, options),
            "scripts/commands has a line for each of 2 chunks; run scripts/join.sh when they are done\n"
            "a chunk takes 8 cores and 4.0GiB\n");
  EXPECT_THAT(words(Scheduler::commands),
              testing::AllOf(HasSubstr("without --threads and --memory, a chunk takes all cores"),
                             testing::Not(HasSubstr("--measure"))));
  options.minutes = 1;
  EXPECT_EQ(words(Scheduler::slurm, options).find("without"), std::string::npos);
  EXPECT_THAT(words(Scheduler::slurm, options), HasSubstr("5.0GiB and 1 minute\n"));
}

TEST(EmitOpenJd, ThreadsReachTheChunkAlone) {
  EmitOptions options;
  options.threads = 4;
  const auto openjd = Emitted(farm_with("/out/a.mp4"), Scheduler::openjd, options).file("template.yaml");
  EXPECT_THAT(openjd, testing::AllOf(HasSubstr("{name: amount.worker.vcpu, min: 4}"),
                                     HasSubstr("- \"--threads\"\n        - \"4\"\n")));
  EXPECT_EQ(openjd.find("--threads"), openjd.rfind("--threads")) << "the join has no such option";
}

TEST(EmitOptions, MemoryAndTimeReachTheSchedulerAndTheChunk) {
  EmitOptions options;
  options.memory = 3LL << 30;
  options.reserved_bytes = (4LL << 30) + 1;
  options.minutes = 90;
  const auto slurm = Emitted(farm_with("/out/a.mp4"), Scheduler::slurm, options).file("chunk.sbatch");
  EXPECT_THAT(slurm, HasSubstr("#SBATCH --mem=4097M\n#SBATCH --time=90\n"));
  EXPECT_THAT(slurm, HasSubstr(" --memory 3221225472 "));
  const auto openjd = Emitted(farm_with("/out/a.mp4"), Scheduler::openjd, options).file("template.yaml");
  EXPECT_THAT(openjd, HasSubstr("{name: amount.worker.memory, min: 4097}"));
  EXPECT_THAT(openjd, HasSubstr("- \"--memory\"\n        - \"3221225472\"\n"));
  EXPECT_EQ(openjd.find("--memory"), openjd.rfind("--memory")) << "the join dreams nothing";
  const auto commands = Emitted(farm_with("/out/a.mp4"), Scheduler::commands, options).file("commands");
  EXPECT_THAT(commands, HasSubstr(" --memory 3221225472 "));
  const auto none = Emitted(farm_with("/out/a.mp4"), Scheduler::slurm).file("chunk.sbatch");
  EXPECT_THAT(none, testing::Not(testing::AnyOf(HasSubstr("--mem"), HasSubstr("--time"))));
}

TEST(ShellQuoted, IsOneWordOfAnyShell) {
  for (const std::string word : {"", "a b", "it's", "$HOME", "a\nb", "-x", "\\", "\xfc'\xfc", "''"}) {
    const auto result = test::run_process({"/bin/sh", "-c", "printf %s " + shell_quoted(word)});
    EXPECT_EQ(result.out, word);
  }
}

TEST(Status, ShowsOfALockNoMoreThanALineThatIsPrintable) {
  const test::ScratchDir scratch;
  Farm farm = farm_with((scratch / "out.mp4").string());
  const auto lock = farm.work.chunk_lock(0);
  std::filesystem::create_directories(lock.parent_path());
  test::write_file(lock, "host\x1b]0;owned\x07 1\rx\nopenjd_progress: 100\n");
  EXPECT_EQ(status(farm)[0].holder, "");
  test::write_file(lock, "host 17\nopenjd_progress: 100\n");
  EXPECT_EQ(status(farm)[0].holder, "host 17");
  test::write_file(lock, std::string(1 << 22, 'x'));
  EXPECT_EQ(status(farm)[0].holder, "");
  std::filesystem::remove(lock);
  ASSERT_EQ(mkfifo(lock.c_str(), 0600), 0);
  EXPECT_EQ(status(farm)[0].holder, "");
}

}  // namespace
}  // namespace dreamreel::farm
