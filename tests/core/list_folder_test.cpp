#include "dreamreel/core/list_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(ListFolder, IsEmptyWhereNothingCanBeListed) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "file", "1");
  EXPECT_THAT(list_folder(scratch.path() / "missing"), IsEmpty());
  EXPECT_THAT(list_folder(scratch.path() / "file"), IsEmpty());
  EXPECT_THAT(list_files(""), IsEmpty());
}

}  // namespace
}  // namespace dreamreel
