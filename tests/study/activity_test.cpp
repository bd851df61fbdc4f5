#include "activity.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/study/inspect.h"
#include "support/files.h"
#include "support/onnx_model.h"

namespace dreamreel::study {
namespace {

TEST(WithoutShapes, KeepsColoursAndFrequenciesAndNothingElse) {
  auto picture = at::full({3, 64, 96}, 0.5F);
  picture.narrow(0, 0, 1).narrow(1, 20, 24).narrow(2, 30, 24).fill_(0.7F);  // a reddish square
  const auto twin = without_shapes(picture, 0);
  constexpr double kClampTolerance = 0.02;  // clamping to [0,1] may cut off this much
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(twin[channel].mean().item<double>(), picture[channel].mean().item<double>(), kClampTolerance);
    EXPECT_NEAR(twin[channel].std().item<double>(), picture[channel].std().item<double>(), kClampTolerance);
  }
  EXPECT_GT((twin - picture).abs().max().item<double>(), 0.1);
  EXPECT_TRUE(at::equal(without_shapes(picture, 0), twin));
  EXPECT_FALSE(at::equal(without_shapes(picture, 1), twin));
}

TEST(Lifts, AreRatiosWithAFloor) {
  const auto responses = at::tensor({2.0F, 1.0F, 0.5F, 0.0F});
  const auto baseline = at::tensor({1.0F, 2.0F, 0.0F, 1.0F});  // mean 1, so the floor is 0.1
  EXPECT_TRUE(at::allclose(lifts(responses, baseline), at::tensor({2.0F, 0.5F, 5.0F, 0.0F})));
}

TEST(ChannelResponses, AreMeansOfThePositivePart) {
  const auto activation = at::tensor({1.0F, -5.0F, 3.0F, 0.0F, 2.0F, 2.0F, 2.0F, 2.0F}).view({1, 2, 2, 2});
  EXPECT_TRUE(at::equal(channel_responses(activation), at::tensor({1.0F, 2.0F}).view({1, 2})));
}

// A network with two channels: one sees bright blobs, and the other sees the overall brightness. For a
// picture with a blob, the first one must come out on top, at the blob's place.
TEST(InspectLayers, RanksWhatThePictureHasAndSaysWhere) {
  const test::ScratchDir folder;
  test::OnnxModel model;
  std::vector<float> weights(std::size_t{2} * 3 * 49, 0);
  for (std::size_t input = 0; input < 3; ++input) {
    for (std::size_t i = 0; i < 49; ++i) {
      const bool inner = i / 7 >= 2 && i / 7 <= 4 && i % 7 >= 2 && i % 7 <= 4;
      weights[input * 49 + i] = inner ? 300.0F / 9 : -300.0F / 40;
      weights[(3 + input) * 49 + i] = 1.0F / 147;
    }
  }
  model.weights("w", {2, 3, 7, 7}, weights);
  model.weights("b", {2}, {-360, 0});
  model.node("Conv", "conv", {"picture", "w", "b"});
  model.node("Relu", "relu", {"conv"});
  model.output("relu");
  cards::NetworkRef ref;
  ref.path = model.write(folder / "blobs.onnx");
  ref.labels = folder / "labels.txt";
  test::write_file(ref.labels, "n00000001 blob, spot\nbackground\n");
  ref.class_layers = {"conv"};
  test::ffmpeg({"-f", "lavfi", "-i",
                "color=c=0x606060:s=96x64,drawbox=x=70:y=14:w=4:h=4:c=white:t=fill,format=rgb24", "-frames:v",
                "1", (folder / "blob.png").string()});
  const auto layers = inspect_layers(ref, folder / "blob.png");
  ASSERT_EQ(layers.size(), 2U);
  ASSERT_TRUE(layers[1].activity);
  const auto& top = layers[1].activity->top;
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].channel, 0);
  EXPECT_GT(top[0].lift, 3);
  EXPECT_NEAR(top[0].x, 72.0 / 96, 0.05);
  EXPECT_NEAR(top[0].y, 16.0 / 64, 0.05);
  EXPECT_NEAR(top[1].lift, 1, 0.1) << "how bright it is does not depend on shapes";
  EXPECT_LT(top[0].mean, top[1].mean) << "though the other one fires more";
  EXPECT_EQ(inspect_layers(ref, folder / "blob.png", 1)[1].activity->top.size(), 1U);
  EXPECT_TRUE(layers[1].activity->classes.empty()) << "the card does not call relu a layer of classes";
  const auto& classes = layers[0].activity->classes;
  ASSERT_EQ(classes.size(), 1U) << "without the background";
  EXPECT_EQ(classes[0].name, "blob");
  EXPECT_EQ(classes[0].channel, 0);
  EXPECT_GT(classes[0].probability, 0.5);
  EXPECT_NEAR(classes[0].x, 72.0 / 96, 0.05);
  EXPECT_NEAR(classes[0].y, 16.0 / 64, 0.05);
}

}  // namespace
}  // namespace dreamreel::study
