#include "dreamreel/study/class_ratings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dreamreel/core/error.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::study {
namespace {

// A map of three classes, which are red, green and blue: 10 times the colour, minus 5.
class RatingsOfColours : public testing::Test {
 protected:
  RatingsOfColours() {
    test::OnnxModel model;
    model.weights("w", {3, 3, 1, 1}, {10, 0, 0, 0, 10, 0, 0, 0, 10});
    model.weights("b", {3}, {-5, -5, -5});
    model.node("Conv", "classes", {"picture", "w", "b"});
    model.output("classes");
    network_.path = model.write(scratch_ / "colours.onnx");
    network_.name = "colours";
    network_.class_layers = {"classes"};
    // Grey, with a green square of 16 px around (40, 24).
    test::ffmpeg({"-f", "lavfi", "-i",
                  "color=c=0x333333:s=64x64,format=rgb24,drawbox=x=32:y=16:w=16:h=16:c=0x33ff33:t=fill",
                  "-frames:v", "1", image_.string()});
  }

  test::ScratchDir scratch_;
  job::NetworkRef network_;
  const std::filesystem::path image_ = scratch_ / "square.png";
};

TEST_F(RatingsOfColours, TheLikeliestComesFirstWithItsPlace) {
  const auto ratings = rate_classes(network_, image_);
  ASSERT_EQ(ratings.size(), 3U);
  EXPECT_EQ(ratings[0].index, 1);
  EXPECT_NEAR(ratings[0].probability, 1 / (1 + std::exp(-5)), 1e-3) << "the sigmoid of 10 * 1 - 5";
  EXPECT_NEAR(ratings[0].x, 40.0 / 64, 9.0 / 64);
  EXPECT_NEAR(ratings[0].y, 24.0 / 64, 9.0 / 64);
  EXPECT_EQ(ratings[1].index, 0) << "equals keep their order";
  EXPECT_LT(ratings[1].probability, 0.2);
}

TEST_F(RatingsOfColours, SaysWhatIsMissing) {
  network_.class_layers.clear();
  EXPECT_THROW(rate_classes(network_, image_), JobError);
  network_.class_layers = {"nowhere"};
  EXPECT_THROW(rate_classes(network_, image_), JobError);
  network_.class_layers = {"classes"};
  EXPECT_THROW(rate_classes(network_, scratch_ / "none.png"), InputError);
}

}  // namespace
}  // namespace dreamreel::study
