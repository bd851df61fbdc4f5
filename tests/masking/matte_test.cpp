#include "matte.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/core/error.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/masking/masks.h"
#include "made_clip.h"
#include "support/files.h"
#include "support/red_network.h"
#include "support/scenes.h"

namespace dreamreel::masking {
namespace {

using job::Mask;
using testing::HasSubstr;

constexpr curve::CurveTime kStart{0, 24};

// A folder with a network that sees red.
class RedNetwork {
 public:
  explicit RedNetwork(int side = 0) {
    ref.path = test::write_red_network(folder_.path(), side);
    ref.name = "red";
    ref.labels = folder_ / "red_labels.txt";
    ref.class_layers = {"maps"};
    ref.side = 128;
  }

  Mask mask(int windows = 1) const {
    Mask mask;
    mask.from = Mask::From::class_map;
    mask.network = ref;
    mask.class_name = "red thing";
    mask.windows = windows;
    return mask;
  }

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  cards::NetworkRef ref;

 private:
  test::ScratchDir folder_;
};

// 1 on a disc, with an edge of one pixel: (1,H,W).
at::Tensor disc(std::int64_t height, std::int64_t width, double radius, double x) {
  const auto down = at::arange(height).view({1, height, 1}) - static_cast<double>(height) / 2;
  const auto across = at::arange(width).view({1, 1, width}) - x;
  return (radius - (down.square() + across.square()).sqrt() + 0.5).clamp(0, 1).to(at::kFloat);
}

// A red disc before a pattern without red.
at::Tensor scene(const at::Tensor& shape, double dx = 0) {
  at::Tensor wall = test::wave_texture(shape.size(1), shape.size(2), dx, 0) * 0.5;
  wall[0].mul_(0.5);
  const auto red = at::tensor({0.8F, 0.2F, 0.2F}).view({3, 1, 1});
  return wall + (red - wall) * shape;
}

TEST(MatteNetwork, RatesPicturesOfAnySize) {
  const RedNetwork network;
  const at::Tensor truth = disc(90, 170, 30, 85);
  const at::Tensor rated = MatteNetwork(network.mask(), "dream.mask").rate(scene(truth));
  ASSERT_EQ(rated.sizes(), truth.sizes());
  EXPECT_GE(rated.min().item<double>(), 0);
  EXPECT_LE(rated.max().item<double>(), 1);
  EXPECT_GT(intersection_over_union(rated, truth), 0.7) << "as well as blocks can";
}

TEST(MatteNetwork, FindsSmallThingsThroughWindows) {
  const RedNetwork network;
  // Half a position wide when the network sees the whole picture.
  const at::Tensor truth = disc(160, 512, 8, 333);
  const auto found = [&](int windows) {
    const at::Tensor rated = MatteNetwork(network.mask(windows), "dream.mask").rate(scene(truth));
    return (rated * truth).sum().item<double>() / truth.sum().item<double>();
  };
  EXPECT_LT(found(1), 0.3);
  EXPECT_GT(found(4), 0.6);
  const at::Tensor large = disc(160, 512, 70, 256);
  const MatteNetwork both(network.mask(4), "dream.mask");
  EXPECT_GT(intersection_over_union(both.rate(scene(large)), large), 0.85) << "windows leave no seams";
}

// Tests networks of one size. The size comes from the file or from the card. The picture is stretched, or
// seen through windows along its length, or through many windows.
TEST(MatteNetwork, RunsNetworksOfOneSize) {
  const RedNetwork of_file(96);
  RedNetwork of_card;
  of_card.ref.size = 96;
  for (const RedNetwork* const network : {&of_file, static_cast<const RedNetwork*>(&of_card)}) {
    for (const auto& [height, width, windows] :
         {std::tuple(90, 120, 1), {60, 300, 1}, {300, 70, 1}, {200, 220, 3}}) {
      const at::Tensor truth = disc(height, width, 25, width * 0.6);
      const at::Tensor rated = MatteNetwork(network->mask(windows), "dream.mask").rate(scene(truth));
      ASSERT_EQ(rated.sizes(), truth.sizes());
      EXPECT_GT(intersection_over_union(rated, truth), 0.65) << height << "x" << width << ", " << windows;
    }
  }
}

std::string message_for(const Mask& mask) {
  try {
    const MatteNetwork network(mask, "dream.mask");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(MatteNetwork, LooksAtFramesOfABoundedSize) {
  RedNetwork network;
  EXPECT_EQ(message_for(network.mask(8)), "");
  network.ref.side = 1024;
  EXPECT_EQ(message_for(network.mask(4)), "");
  EXPECT_EQ(message_for(network.mask(5)),
            "dream.mask.windows: expected at most 4, because network red looks at 1024 px and frames are "
            "looked at with up to 4096 px; got 5");
}

TEST(MatteNetwork, SaysWhatIsWrongBeforeItIsUsed) {
  const RedNetwork network;
  Mask mask = network.mask();
  mask.class_name = "red thin";
  EXPECT_THAT(message_for(mask),
              testing::AllOf(HasSubstr("dream.mask.class: "), HasSubstr("did you mean 'red thing'?")));
  mask.class_index = 3;
  EXPECT_THAT(message_for(mask), HasSubstr("dream.mask.class: network red has the classes 0 to 2; got 3"));
  mask.class_index = 1;
  mask.network->class_layers = {"whole"};
  EXPECT_THAT(message_for(mask), HasSubstr("dream.mask.network: network red rates whole pictures"));
  mask.network->path = network / "none.onnx";
  EXPECT_THAT(message_for(mask), HasSubstr("none.onnx not found; fetch it with dreamreel fetch red"));
}

// If a card has labels and names no layer, the classes are the file's result.
TEST(MatteNetwork, TakesTheResultOfANetworkWithLabels) {
  RedNetwork network;
  const at::Tensor truth = disc(90, 170, 30, 85);
  const at::Tensor named = MatteNetwork(network.mask(), "dream.mask").rate(scene(truth));
  network.ref.class_layers.clear();
  EXPECT_TRUE(at::equal(MatteNetwork(network.mask(), "dream.mask").rate(scene(truth)), named));
}

// A lossless clip of a moving disc, and the true disc in each frame.
at::Tensor disc_at(std::int64_t number) {
  return disc(kClipHeight, kClipWidth, 25, 50 + 3 * static_cast<double>(number));
}

job::Input disc_clip(const RedNetwork& folder) {
  return write_clip(folder / "clip", [](std::int64_t i) { return scene(disc_at(i)); });
}

TEST(Matte, FollowsWhatTheNetworkSeesThroughAClip) {
  const RedNetwork network;
  const auto input = disc_clip(network);
  Matte matte(network.mask(), input, "dream.mask");
  double worst_error = 0;
  for (std::int64_t i = 0; i < kClipFrames; ++i) {
    const at::Tensor found = matte.at(i, scene(disc_at(i)));
    EXPECT_GT(intersection_over_union(found, disc_at(i)), 0.9) << i;
    worst_error = std::max(worst_error, (found - disc_at(i)).abs().mean().item<double>());
  }
  EXPECT_LT(worst_error, 0.05);
  EXPECT_THROW(matte.at(kClipFrames, scene(disc_at(0))), DataError);
}

TEST(Matte, IsTheSameWhereverARenderBegins) {
  const RedNetwork network;
  const auto input = disc_clip(network);
  Matte in_order(network.mask(), input, "dream.mask"), at_once(network.mask(), input, "dream.mask"),
      with_gaps(network.mask(), input, "dream.mask");
  at::Tensor last;
  for (std::int64_t i = 0; i < kClipFrames; ++i) last = in_order.at(i, scene(disc_at(i)));
  const auto end = kClipFrames - 1;
  EXPECT_TRUE(at::equal(at_once.at(end, scene(disc_at(end))), last));
  with_gaps.at(2, scene(disc_at(2)));
  with_gaps.at(7, scene(disc_at(7)));
  EXPECT_TRUE(at::equal(with_gaps.at(end, scene(disc_at(end))), last));
  EXPECT_TRUE(at::equal(with_gaps.at(end, scene(disc_at(end))), last)) << "asked for twice";
  EXPECT_TRUE(at::equal(with_gaps.at(5, scene(disc_at(5))), at_once.at(5, scene(disc_at(5))))) << "and back";
}

TEST(Masks, OfANetworkAreThresholdedInvertedAndFeathered) {
  const RedNetwork network;
  job::Job job;
  job.input = disc_clip(network);
  job.dream.mask = network.mask();
  job.dream.mask->invert = true;
  auto& objective = job.dream.objectives.emplace_back();
  objective.mask = network.mask();
  objective.mask->has_range = true;
  objective.mask->low = 0.5;
  objective.mask->softness = 0;
  media::VideoInfo info;
  info.width = kClipWidth;
  info.height = kClipHeight;
  Masks masks(job, info);
  media::VideoFrame frame;
  frame.index = 4;
  frame.rgb = scene(disc_at(4));
  const at::Tensor around = masks.of_dream(frame, kStart), inside = masks.of_objective(0, frame, kStart);
  EXPECT_GT(intersection_over_union(1 - around, disc_at(4)), 0.9);
  EXPECT_TRUE(at::equal(inside, (1 - around).ge(0.5).to(at::kFloat)));
  EXPECT_EQ(job::mask_networks_of(job).size(), 1U);
}

TEST(Masks, OfNetworksCountTheirMemory) {
  const RedNetwork network;
  job::Job job;
  job.input.path = network / "clip.mkv";
  media::VideoInfo info;
  info.width = 1920;
  info.height = 1080;
  EXPECT_EQ(bytes_of_mattes(job, info), 0);
  job.dream.mask = network.mask();
  const auto one = bytes_of_mattes(job, info);
  // Thumbnails have 512x288 pixels. At least nine maps with their motion are held.
  EXPECT_GT(one, 512 * 288 * 9 * 4 * 4);
  EXPECT_LT(one, std::int64_t{1} << 30);
  job.dream.objectives.emplace_back().mask = network.mask();
  EXPECT_EQ(bytes_of_mattes(job, info), one) << "the same matte";
  job.dream.objectives.front().mask->windows = 8;
  EXPECT_GT(bytes_of_mattes(job, info), 2 * one) << "through windows, thumbnails are larger";
}

}  // namespace
}  // namespace dreamreel::masking
