#include "dreamreel/study/class_ratings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dreamreel/core/error.h"
#include "dreamreel/study/atlas.h"
#include "dreamreel/study/inspect.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::study {
namespace {

// A network whose map has three classes, red, green and blue: 10 times the colour, minus 5.
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
    // A grey picture with a green square of 16 px around (40, 24).
    test::ffmpeg({"-f", "lavfi", "-i",
                  "color=c=0x333333:s=64x64,format=rgb24,drawbox=x=32:y=16:w=16:h=16:c=0x33ff33:t=fill",
                  "-frames:v", "1", image_.string()});
  }

  test::ScratchDir scratch_;
  cards::NetworkRef network_;
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

// The cards of ImageNet's classifiers name labels but no layer.
TEST_F(RatingsOfColours, AreTheResultOfANetworkWithLabels) {
  network_.class_layers.clear();
  network_.labels = scratch_ / "labels.txt";
  test::write_file(network_.labels, "red\ngreen\nblue\n");
  EXPECT_EQ(rate_classes(network_, image_).at(0).index, 1);
  const auto layers = inspect_layers(network_, image_);
  ASSERT_EQ(layers.size(), 1U);
  ASSERT_TRUE(layers[0].activity);
  ASSERT_FALSE(layers[0].activity->classes.empty());
  EXPECT_EQ(layers[0].activity->classes[0].name, "green");
  AtlasOptions options;
  options.network = network_;
  options.classes = true;
  options.size = 16;
  options.iterations = 2;
  const auto atlas = make_atlas(options);
  ASSERT_EQ(atlas.layers.at(0).tiles.size(), 3U);
  EXPECT_EQ(atlas.layers[0].tiles[1].yaml, "{class: green, rivals: 1, selectivity: 1}");
}

// The picture of 64 px is shown at the card's size, so the square of 16 px covers a quarter of 32 positions
// along each axis.
TEST_F(RatingsOfColours, TheCardsSizeIsTheSizeOfThePictureThatTheNetworkSees) {
  network_.size = 32;
  const auto ratings = rate_classes(network_, image_);
  EXPECT_EQ(ratings[0].index, 1);
  EXPECT_NEAR(ratings[0].x * 32, 20, 4) << "in whole positions and a half";
  EXPECT_DOUBLE_EQ(ratings[0].x * 32 - std::floor(ratings[0].x * 32), 0.5);
  EXPECT_EQ(ratings[0].scale, 1);
  network_.size = 8;
  const auto layers = inspect_layers(network_, image_);
  const auto& green = layers.at(0).activity->classes.at(0);
  EXPECT_DOUBLE_EQ(green.x * 8 - std::floor(green.x * 8), 0.5);
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
