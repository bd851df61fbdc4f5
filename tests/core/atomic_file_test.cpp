#include "dreamreel/core/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dreamreel/core/error.h"
#include "dreamreel/core/file_names.h"
#include "dreamreel/core/process_space.h"
#include "support/files.h"

namespace dreamreel {
namespace {

std::size_t count_entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(PendingFile, AppearsOnlyOnCommit) {
  const test::ScratchDir scratch;
  const auto path = scratch / "sub/clip.mp4";
  {
    PendingFile pending(path);
    EXPECT_EQ(pending.path().extension(), ".mp4");
    test::write_file(pending.path(), "half");
  }
  EXPECT_EQ(count_entries(path.parent_path()), 0U);
  {
    PendingFile pending(path);
    test::write_file(pending.path(), "whole");
    EXPECT_FALSE(std::filesystem::exists(path));
    pending.commit();
  }
  EXPECT_EQ(test::read_file(path), "whole");
  EXPECT_EQ(count_entries(path.parent_path()), 1U);
}

TEST(PendingFile, WhatAKilledProcessLeftIsFoundAndRemoved) {
  const test::ScratchDir scratch;
  const auto path = scratch / "a clip.v2.mp4";
  const PendingFile pending(path);
  EXPECT_EQ(final_name_of_leftover(pending.path().filename().string()), "a clip.v2.mp4");
  // Name of an earlier version.
  EXPECT_EQ(final_name_of_leftover(".a clip.v2.node1-12.part.mp4"), "a clip.v2.mp4");
  for (const char* other : {"a clip.v2.mp4", ".a clip.v2.mp4", ".x.part.mp4", ".x.host-12a.part.mp4", ".part",
                            "", ".x.host-12-.part.mp4", ".x.host-12-0123.part.mp4",
                            ".x.-12-01234567.part.mp4", ".x.host-12-0123 567.part.mp4"})
    EXPECT_EQ(final_name_of_leftover(other), "") << other;
  test::write_file(scratch / "other.mp4", "");
  remove_leftovers(scratch / "other.mp4");
  EXPECT_EQ(count_entries(scratch.path()), 2U);
  remove_leftovers(path);
  EXPECT_EQ(count_entries(scratch.path()), 1U);
}

TEST(PendingFile, WhatTheDeadLeftIsToldFromWhatTheLivingWrite) {
  const test::ScratchDir scratch;
  const auto path = scratch / "plan.v2.json";
  const pid_t child = fork();
  if (child == 0) {
    const PendingFile left(path);
    _exit(0);  // ends without running the destructor
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  const PendingFile mine(path), other(scratch / "other.json");
  test::write_file(scratch / ".plan.v2.elsewhere-999999-01234567.part.json", "");
  test::write_file(scratch / (".plan.v2." + host_name().substr(0, 40) + "-1-01234567.part.json"), "");
  ASSERT_EQ(count_entries(scratch.path()), 5U);
  remove_leftovers_of_the_dead(path);
  EXPECT_EQ(count_entries(scratch.path()), 4U);
  EXPECT_TRUE(std::filesystem::exists(mine.path()));
}

// A process with the same number may be alive on a machine or in a container of the same name.
TEST(PendingFile, AProcessNumberOfAnotherMachineOrContainerSaysNothing) {
  const test::ScratchDir scratch;
  const auto path = scratch / "plan.json";
  std::string own;
  {
    const PendingFile pending(path);
    own = pending.path().filename().string();
  }
  const std::string space = process_space(), process = "-" + std::to_string(getpid()) + "-";
  ASSERT_NE(own.find(space + process), std::string::npos) << own;
  const auto left_by_the_dead = [&](const std::string& word) {
    std::string name = own;
    name.replace(name.find(space + process), (space + process).size(), word + "-999999999-");
    test::write_file(scratch / name, "");
    remove_leftovers_of_the_dead(path);
    return !std::filesystem::exists(scratch / name);
  };
  EXPECT_FALSE(left_by_the_dead(process_space("another start", process_namespace())));
  EXPECT_FALSE(left_by_the_dead(process_space(boot_id(), "pid:[1]")));
  EXPECT_TRUE(left_by_the_dead(space));
}

// Two containers may have the same host name, and the process in each may be number 1.
TEST(PendingFile, NeverSharesItsNameEvenWithinAProcess) {
  const test::ScratchDir scratch;
  const PendingFile first(scratch / "clip.mp4"), second(scratch / "clip.mp4");
  EXPECT_NE(first.path(), second.path());
  EXPECT_EQ(final_name_of_leftover(second.path().filename().string()), "clip.mp4");
}

TEST(PendingFile, FindsItselfWhateverTheFinalName) {
  const test::ScratchDir scratch;
  for (const std::string& name :
       {std::string("plain"), std::string("x.part"), std::string(".mp4"), std::string("a.b-c.d e.mkv"),
        std::string(251, 'x') + ".mp4", std::string(255, 'x'), "a." + std::string(253, 'x')}) {
    PendingFile pending(scratch / name);
    const auto own = pending.path().filename().string();
    EXPECT_LE(own.size(), 255U);
    EXPECT_EQ(final_name_of_leftover(own), name_in_leftover(name, scratch.path())) << name;
    EXPECT_EQ(count_entries(scratch.path()), 1U);
    pending.commit();
    EXPECT_TRUE(std::filesystem::exists(scratch / name));
    const PendingFile left(scratch / name);
    remove_leftovers(scratch / name);
    EXPECT_EQ(count_entries(scratch.path()), 1U) << name;
    std::filesystem::remove(scratch / name);
  }
}

TEST(PendingFile, SaysBeforeAnythingIsWrittenThatANameIsTooLong) {
  const test::ScratchDir scratch;
  EXPECT_THROW(PendingFile(scratch / (std::string(252, 'x') + ".mp4")), IoError);
  EXPECT_EQ(count_entries(scratch.path()), 0U);
}

TEST(ShortenedName, KeepsExtensionAndDifferenceAndWholeCharacters) {
  EXPECT_EQ(shortened_name("clip.mp4", 8), "clip.mp4");
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\xc3\xbc";
  for (std::size_t most = 60; most < 64; ++most) {
    const auto name = shortened_name(umlauts + ".mp4", most);
    EXPECT_LE(name.size(), most);
    EXPECT_TRUE(name.ends_with(".mp4"));
    EXPECT_EQ(name.find('~') % 2, 0U) << name;
    EXPECT_NE(name, shortened_name(umlauts + "x.mp4", most));
  }
}

TEST(PendingFile, SaysWhatCannotBeWritten) {
  const test::ScratchDir scratch;
  EXPECT_THROW(PendingFile(scratch.path()), IoError);  // a folder
  test::write_file(scratch / "file", "");
  EXPECT_THROW(PendingFile(scratch / "file" / "below.png"), IoError);
}

TEST(WriteFileAtomically, ReplacesTheContent) {
  const test::ScratchDir scratch;
  write_file_atomically(scratch / "plan.json", "old");
  write_file_atomically(scratch / "plan.json", "new");
  EXPECT_EQ(test::read_file(scratch / "plan.json"), "new");
  EXPECT_EQ(count_entries(scratch.path()), 1U);
}

}  // namespace
}  // namespace dreamreel
