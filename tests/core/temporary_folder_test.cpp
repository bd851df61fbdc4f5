#include "dreamreel/core/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/core/cache_folder.h"
#include "dreamreel/core/error.h"
#include "support/files.h"
#include "support/scoped_environment.h"

namespace dreamreel {
namespace {

using test::ScopedEnvironment;
using test::ScratchDir;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(FolderForTemporaryFiles, IsTheFirstThatAVariableNames) {
  const ScratchDir scratch;
  const ScopedEnvironment empty("TMPDIR", ""), not_set("TMP", nullptr), named("TEMP", scratch.path().c_str());
  EXPECT_EQ(folder_for_temporary_files(), scratch.path());
  const ScopedEnvironment not_named("TEMP", nullptr), empty_too("TEMPDIR", "");
  EXPECT_EQ(folder_for_temporary_files(), "/tmp");
}

TEST(FolderForTemporaryFiles, ThatIsNotThereIsSaid) {
  const ScopedEnvironment none("TMPDIR", "/scratch/none/123");
  const auto says_so =
      ThrowsMessage<IoError>(AllOf(HasSubstr("/scratch/none/123"), HasSubstr("TMPDIR names it")));
  EXPECT_THAT([] { folder_for_temporary_files(); }, says_so);
  EXPECT_THAT([] { const TemporaryFolder folder("test"); }, says_so);
}

TEST(CacheOrTemporaryFolder, NeedsNoTemporaryFolderWhereThereIsACache) {
  const ScratchDir scratch;
  const ScopedEnvironment cache("XDG_CACHE_HOME", scratch.path().c_str());
  const ScopedEnvironment none("TMPDIR", "/scratch/none/123");
  EXPECT_EQ(cache_or_temporary_folder(), scratch / "dreamreel");
}

TEST(CacheOrTemporaryFolder, LiesAmongTemporaryFilesWithoutAHome) {
  const ScratchDir scratch;
  const ScopedEnvironment no_cache("XDG_CACHE_HOME", nullptr), no_home("HOME", nullptr);
  const ScopedEnvironment temporary("TMPDIR", scratch.path().c_str());
  EXPECT_EQ(cache_or_temporary_folder(), scratch / "dreamreel");
}

}  // namespace
}  // namespace dreamreel
