#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/job/load_options.h"
#include "support/scoped_environment.h"

namespace dreamreel::job {
namespace {

using dreamreel::test::ScopedEnvironment;

TEST(DefaultLoadOptions, TakesFoldersFromTheEnvironmentFirst) {
  const ScopedEnvironment cards("DREAMREEL_CARDS", "/a::/b"), networks("DREAMREEL_NETWORKS", "/c");
  const ScopedEnvironment home("HOME", "/home/me"), no_cache("XDG_CACHE_HOME", nullptr);
  const LoadOptions options = default_load_options();
  ASSERT_EQ(options.card_folders.size(), 4U)
      << "two of the environment, the installed ones, the source tree's";
  EXPECT_EQ(options.card_folders[0], "/a");
  EXPECT_EQ(options.card_folders[1], "/b");
  EXPECT_TRUE(options.card_folders[2].string().ends_with("share/dreamreel/networks"));
  EXPECT_EQ(options.card_folders[3], std::filesystem::path(DREAMREEL_SOURCE_DIR) / "configs/networks");
  EXPECT_THAT(options.network_folders, testing::ElementsAre("/c", "/home/me/.cache/dreamreel/networks"));
  const ScopedEnvironment cache("XDG_CACHE_HOME", "/cache");
  EXPECT_THAT(default_load_options().network_folders,
              testing::ElementsAre("/c", "/cache/dreamreel/networks"));
}

}  // namespace
}  // namespace dreamreel::job
