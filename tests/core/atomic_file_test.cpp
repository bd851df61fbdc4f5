#include "dreamreel/core/atomic_file.h"

#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
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
  for (const char* other :
       {"a clip.v2.mp4", ".a clip.v2.mp4", ".x.part.mp4", ".x.host-12a.part.mp4", ".part", ""})
    EXPECT_EQ(final_name_of_leftover(other), "") << other;
  test::write_file(scratch / "other.mp4", "");
  remove_leftovers(scratch / "other.mp4");
  EXPECT_EQ(count_entries(scratch.path()), 2U);
  remove_leftovers(path);
  EXPECT_EQ(count_entries(scratch.path()), 1U);
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
