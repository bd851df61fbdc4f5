// Tests how much memory a machine and its control groups leave free. Folders stand for /proc and /sys.
#include "dreamreel/prepare/memory.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "free_memory.h"
#include "support/files.h"

namespace dreamreel::prepare {
namespace {

constexpr std::int64_t kMebibyte = 1 << 20;
constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// The free memory of a machine with these files.
std::int64_t free_in(const std::map<std::string, std::string>& files) {
  const test::ScratchDir scratch;
  for (const auto& [name, text] : files) {
    std::filesystem::create_directories((scratch / name).parent_path());
    test::write_file(scratch / name, text);
  }
  return free_host_memory(scratch.path());
}

std::string mebibytes(std::int64_t count) {
  return std::to_string(count * kMebibyte) + "\n";
}

const std::pair<const std::string, std::string> kMachine{
    "proc/meminfo",
    "MemTotal:       16384000 kB\nMemFree:  99 kB\nMemAvailable:    8192000 kB\nBuffers: 7 kB\n"};

TEST(FreeMemory, IsWhatTheMachineCallsAvailable) {
  EXPECT_EQ(free_in({kMachine}), 8192000LL * 1024);
  EXPECT_EQ(free_in({}), kUnlimited) << "nothing is known";
  EXPECT_EQ(free_in({{"proc/meminfo", "MemTotal: 5 kB\n"}}), kUnlimited) << "an old kernel";
}

TEST(FreeMemory, OfTheSecondVersionIsTheLeastOnTheWayUp) {
  std::map<std::string, std::string> files{kMachine,
                                           {"proc/self/cgroup", "0::/user.slice/job\n"},
                                           {"sys/fs/cgroup/user.slice/memory.max", mebibytes(3000)},
                                           {"sys/fs/cgroup/user.slice/memory.current", mebibytes(2500)},
                                           {"sys/fs/cgroup/user.slice/job/memory.max", mebibytes(1000)},
                                           {"sys/fs/cgroup/user.slice/job/memory.current", mebibytes(100)}};
  EXPECT_EQ(free_in(files), 500 * kMebibyte) << "the group above has less left";
  files["sys/fs/cgroup/user.slice/memory.max"] = "max\n";
  EXPECT_EQ(free_in(files), 900 * kMebibyte);
  files["sys/fs/cgroup/user.slice/job/memory.high"] = mebibytes(300);
  EXPECT_EQ(free_in(files), 200 * kMebibyte) << "above the soft limit a process is slowed down";
  files["sys/fs/cgroup/user.slice/job/memory.current"] = mebibytes(1100);
  EXPECT_EQ(free_in(files), 0) << "never below nothing";
}

TEST(FreeMemory, CountsCachedFilesAsFree) {
  EXPECT_EQ(
      free_in({kMachine,
               {"proc/self/cgroup", "0::/\n"},
               {"sys/fs/cgroup/memory.max", mebibytes(1000)},
               {"sys/fs/cgroup/memory.current", mebibytes(990)},
               {"sys/fs/cgroup/memory.stat", "anon 5\ninactive_file " + mebibytes(700) + "active_file 9\n"}}),
      710 * kMebibyte);
  EXPECT_EQ(free_in({kMachine,
                     {"proc/self/cgroup", "9:memory:/\n"},
                     {"sys/fs/cgroup/memory/memory.limit_in_bytes", mebibytes(1000)},
                     {"sys/fs/cgroup/memory/memory.usage_in_bytes", mebibytes(990)},
                     {"sys/fs/cgroup/memory/memory.stat",
                      "inactive_file 1\ntotal_inactive_file " + mebibytes(90)}}),
            100 * kMebibyte);
}

TEST(FreeMemory, OfTheFirstVersionIsFoundAmongItsControllers) {
  std::map<std::string, std::string> files{
      kMachine,
      {"proc/self/cgroup", "11:cpuset,cpu:/a\n7:blkio,memory:/docker/ab\n1:name=memory:/x\n0::/a\n"},
      {"sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes", mebibytes(800)},
      {"sys/fs/cgroup/memory/docker/ab/memory.usage_in_bytes", mebibytes(200)}};
  EXPECT_EQ(free_in(files), 600 * kMebibyte);
  files["sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes"] = "9223372036854771712\n";
  EXPECT_EQ(free_in(files), 8192000LL * 1024) << "how the first version writes unlimited";
}

// Inside a container, the path is the host's, but the tree of groups is the container's own, shorter one.
TEST(FreeMemory, InAContainerIsReadAtTheRoot) {
  for (const char* const path : {"/system.slice/docker-ab.scope", "/../../other", "/"})
    EXPECT_EQ(free_in({kMachine,
                       {"proc/self/cgroup", std::string("0::") + path + "\n"},
                       {"sys/fs/cgroup/memory.max", mebibytes(512)},
                       {"sys/fs/cgroup/memory.current", mebibytes(12)}}),
              500 * kMebibyte)
        << path;
}

TEST(FreeMemory, PassesOverWhatCannotBeRead) {
  EXPECT_EQ(free_in({kMachine,
                     {"proc/self/cgroup", "garbage\n\n5:memory\n0::/job\n"},
                     {"sys/fs/cgroup/job/memory.max", "soon\n"},
                     {"sys/fs/cgroup/job/memory.current", mebibytes(12)},
                     {"sys/fs/cgroup/memory.max", mebibytes(1)}}),
            8192000LL * 1024);
}

TEST(MemoryBudget, IsWhatWasAskedForOrAShareOfWhatIsFree) {
  const auto asked = memory_budget(5 * kMebibyte, at::kCPU);
  EXPECT_EQ(asked.bytes, 5 * kMebibyte);
  EXPECT_TRUE(asked.is_asked);
  const auto share = memory_budget(0, at::kCPU);
  EXPECT_FALSE(share.is_asked);
  EXPECT_GT(share.bytes, 0);
}

TEST(SizeText, IsNeverLessThanTheSize) {
  EXPECT_EQ(size_text(1), "1MiB");
  EXPECT_EQ(size_text(800 * kMebibyte), "800MiB");
  EXPECT_EQ(size_text(800 * kMebibyte + 1), "801MiB");
  EXPECT_EQ(size_text(2047 * kMebibyte), "2047MiB");
  EXPECT_EQ(size_text(2048 * kMebibyte), "2.0GiB");
  EXPECT_EQ(size_text(2049 * kMebibyte), "2.1GiB");
  EXPECT_EQ(size_text(4096 * kMebibyte), "4.0GiB");
}

TEST(QueueLength, IsShorterForLargeFramesAndForGroupsOfThem) {
  EXPECT_EQ(queue_length(320, 240), 3U);
  EXPECT_EQ(queue_length(3840, 2160), 1U);
  EXPECT_EQ(queue_length(320, 240, 3), 1U);
  EXPECT_EQ(queue_length(1, 1, 100), 1U);
}

TEST(BytesOfFrames, GrowWithTheFrameAndWithWhatIsKeptOfIt) {
  job::Job job;
  media::VideoInfo info;
  info.width = 640;
  info.height = 360;
  const auto plain = bytes_of_frames(job, info);
  job.temporal.every = 3;
  EXPECT_GT(bytes_of_frames(job, info), plain);
  job.temporal.every = 1;
  job.temporal.memory = 96;
  EXPECT_GE(bytes_of_frames(job, info) - plain, 7 * 7 * 640 * 360)
      << "seven older frames, of 7 bytes a pixel";
  job.temporal.memory = 0;
  info.width = 1280;
  info.height = 720;
  EXPECT_GT(bytes_of_frames(job, info), 2 * plain);
  info.is_still = true;
  EXPECT_LT(bytes_of_frames(job, info), plain) << "a photo is alone";
}

TEST(BytesOfFrames, CountTheFinalNoiseOfADraft) {
  job::Job job;
  job.input.noise.emplace();
  media::VideoInfo info;
  info.width = 640;
  info.height = 360;
  const auto plain = bytes_of_frames(job, info);
  job.dream.draft = 4;
  EXPECT_EQ(bytes_of_frames(job, info) - plain, std::int64_t{12} * 2560 * 1440);
  job.dream.draft = 1000;
  EXPECT_EQ(bytes_of_frames(job, info), plain) << "is drawn at the frame's own size";
}

}  // namespace
}  // namespace dreamreel::prepare
