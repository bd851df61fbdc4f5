#include "dreamreel/core/similar_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "dreamreel/core/counted.h"
#include "dreamreel/core/temporary_folder.h"

namespace dreamreel {
namespace {

struct SimilarFiles : testing::Test {
  void make(const std::vector<std::string>& names) const {
    for (const auto& name : names) std::ofstream(folder / name) << "x";
  }
  std::string of(const std::string& name) const { return similar_files(folder / name); }

  TemporaryFolder folder{"dreamreel-similar"};
};

TEST_F(SimilarFiles, NamesTheNearestOnesOfTheFolder) {
  make({"walk.mp4", "video.yaml", "me.jpg", ".walk.swp"});
  EXPECT_EQ(of("walk"), "; did you mean 'walk.mp4'?") << "without its extension";
  EXPECT_EQ(of("wlak.mp4"), "; did you mean 'walk.mp4'?");
  EXPECT_EQ(of("Walk.MP4"), "; did you mean 'walk.mp4'?");
  EXPECT_EQ(of("video.yml"), "; did you mean 'video.yaml'?");
}

TEST_F(SimilarFiles, AnExtensionInCommonIsNotNear) {
  make({"walk.mp4", "both.mp4"});
  EXPECT_EQ(of("nothere.mp4"), "");
}

TEST_F(SimilarFiles, AFolderThatIsNotThereHasNoNames) {
  EXPECT_EQ(of("no/such/clip.mp4"), "");
  EXPECT_EQ(similar_files(""), "");
  EXPECT_EQ(of(std::string(5000, 'a')), "") << "longer than any name";
}

TEST(Counted, OneHasNoPlural) {
  EXPECT_EQ(counted(1, "frame"), "1 frame");
  EXPECT_EQ(counted(0, "frame"), "0 frames");
  EXPECT_EQ(counted(2, "frame"), "2 frames");
}

}  // namespace
}  // namespace dreamreel
