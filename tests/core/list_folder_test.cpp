#include "dreamreel/core/list_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/error.h"
#include "support/files.h"

namespace dreamreel {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(ListFolder, HasFilesFoldersAndLinks) {
  const test::ScratchDir scratch;
  const auto& folder = scratch.path();
  test::write_file(folder / "a", "1");
  std::filesystem::create_directory(folder / "b");
  test::write_file(folder / "b" / "deeper", "2");
  std::filesystem::create_symlink(folder / "a", folder / "link");
  EXPECT_THAT(list_folder(folder), UnorderedElementsAre(folder / "a", folder / "b", folder / "link"));
  EXPECT_THAT(list_files(folder), UnorderedElementsAre(folder / "a"));
}

TEST(ListFolder, EntriesTellTheirType) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "file", "1");
  std::filesystem::create_directory(scratch / "folder");
  for (const auto& entry : list_entries(scratch.path()))
    EXPECT_EQ(entry.is_regular_file(), entry.path() == scratch / "file") << entry.path();
}

TEST(ListFolder, IsEmptyWhereNothingCanBeListed) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "file", "1");
  EXPECT_THAT(list_entries(scratch / "missing"), IsEmpty());
  EXPECT_THAT(list_folder(scratch / "missing"), IsEmpty());
  EXPECT_THAT(list_folder(scratch / "file"), IsEmpty());
}

// A name that is too long stands for every fault but a missing folder, because root may read everything.
TEST(ListFolder, AFolderThatCannotBeListedIsNoEmptyOne) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "file", "1");
  EXPECT_THAT(list_files(scratch / "missing"), IsEmpty());
  EXPECT_THAT(list_files(scratch / "file"), IsEmpty());
  const auto folder = scratch / std::string(300, 'x');
  std::error_code failed;
  EXPECT_THAT(list_files(folder, failed), IsEmpty());
  EXPECT_TRUE(failed);
  try {
    list_files(folder);
    FAIL() << "nobody can list it";
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("cannot list " + folder.string() + ": "));
  }
}

}  // namespace
}  // namespace dreamreel
