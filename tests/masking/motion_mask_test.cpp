// Masks of the motion, on clips in which a square moves over a wall.
#include "motion_mask.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/masking/masks.h"
#include "dreamreel/masking/masks_picture.h"
#include "made_clip.h"
#include "support/files.h"
#include "support/scenes.h"

namespace dreamreel::masking {
namespace {

using testing::HasSubstr;

constexpr curve::CurveTime kClipStart{0, 25};
constexpr std::int64_t kSide = 48, kCut = 7;
constexpr double kLikeness = 0.6;   // 0.69 was measured: flow ends some px beside a square of 48 px
constexpr double kSquareSpeed = 3;  // px a frame: 0.47 widths a second at 25 frames a second

at::Tensor square_at(double x) {
  const at::Tensor across = at::arange(kClipWidth, at::kFloat) - x;
  at::Tensor shape = at::zeros({1, kClipHeight, kClipWidth});
  shape.narrow(1, 24, kSide).add_(across.ge(0).logical_and(across.lt(kSide)).to(at::kFloat));
  return shape;
}

// The square begins to move at frame 0 of each of two shots; `pan` moves the wall.
struct Scene {
  double pan = 0;
  double left(std::int64_t number) const { return 20 + kSquareSpeed * static_cast<double>(number % kCut); }
  at::Tensor square(std::int64_t number) const { return square_at(left(number)); }
  at::Tensor picture(std::int64_t number) const {
    const std::uint64_t shot = number < kCut ? 1 : 5;
    const auto step = static_cast<double>(number % kCut);
    const at::Tensor wall = test::wave_texture(kClipHeight, kClipWidth, pan * step, 0, shot);
    const at::Tensor thing = test::wave_texture(kClipHeight, kClipWidth, left(number), 0, shot + 1);
    return wall + (thing - wall) * square(number);
  }
};

job::Input scene_clip(const test::ScratchDir& folder, const Scene& scene) {
  return write_clip(folder / "clip", [&](std::int64_t i) { return scene.picture(i); });
}

job::Mask moving(double low = 0.04) {
  job::Mask mask;
  mask.from = job::Mask::From::motion;
  mask.has_range = true;
  mask.low = low;
  mask.softness = 0.02;
  return mask;
}

TEST(MotionMask, MeasuresSpeedInWidthsOfTheFramePerSecond) {
  const at::Tensor flow = at::zeros({2, 4, 200});
  flow[0].fill_(3);
  flow[1].fill_(-4);
  EXPECT_NEAR(speeds(flow, 0.25).mean().item<double>(), 0.1, 1e-6) << "5 px of 200 in a quarter of a second";
  EXPECT_EQ(speeds(flow * 100, 0.25).max().item<double>(), 1);
}

TEST(MotionMask, IsWhereThePictureMovesFromTheFirstFrameOfAShotOn) {
  const test::ScratchDir folder;
  const Scene scene;
  MotionMask mask(scene_clip(folder, scene), false);
  for (std::int64_t i = 0; i < kClipFrames; ++i)
    EXPECT_GT(intersection_over_union(mask.at(i, scene.picture(i), moving(), kClipStart), scene.square(i)),
              kLikeness)
        << i;
  EXPECT_LT(mask.at(5, scene.picture(5), moving(0.8), kClipStart).mean().item<double>(), 0.02)
      << "nothing is that fast";
  EXPECT_THROW(mask.at(kClipFrames, scene.picture(0), moving(), kClipStart), DataError);
}

TEST(MotionMask, MayLeaveOutTheMotionOfTheCamera) {
  const test::ScratchDir folder;
  const Scene scene{.pan = -2};
  const auto input = scene_clip(folder, scene);
  MotionMask all(input, false), relative(input, true);
  const at::Tensor picture = scene.picture(5);
  EXPECT_GT(all.at(5, picture, moving(), kClipStart).mean().item<double>(), 0.9) << "everything moves";
  EXPECT_GT(intersection_over_union(relative.at(5, picture, moving(), kClipStart), scene.square(5)),
            kLikeness);
}

TEST(MotionMask, IsTheSameWhereverARenderBeginsAndATrimEnds) {
  const test::ScratchDir folder;
  const Scene scene;
  auto input = scene_clip(folder, scene);
  const auto at = [&](MotionMask& mask, std::int64_t number) {
    return mask.at(number, scene.picture(number), moving(), kClipStart);
  };
  MotionMask in_order(input, false), at_once(input, false);
  input.trim_end = TimePoint{kCut + 1, TimePoint::Unit::frames};
  MotionMask trimmed(input, false);
  at::Tensor first_of_shot, last;
  for (std::int64_t i = 0; i < kClipFrames; ++i) {
    last = at(in_order, i);
    if (i == kCut) first_of_shot = last;
  }
  EXPECT_TRUE(at::equal(at(at_once, kClipFrames - 1), last));
  EXPECT_TRUE(at::equal(at(at_once, kClipFrames - 1), last)) << "asked for twice";
  EXPECT_TRUE(at::equal(at(at_once, kCut), first_of_shot)) << "and back";
  EXPECT_TRUE(at::equal(at(trimmed, kCut), first_of_shot)) << "it leans on the frame behind the trim";
}

// Without a cut, the oldest frame that counts has a frame before it.
TEST(MotionMask, IsTheSameWithinOneLongShot) {
  const test::ScratchDir folder;
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=96x64:r=25", "-frames:v", "16", "-c:v", "ffv1", "-pix_fmt",
                "bgr0", folder / "clip.mkv"});
  job::Input input;
  input.path = folder / "clip.mkv";
  media::ReaderOptions reading;
  reading.path = input.path;
  media::Reader reader(reading);
  MotionMask in_order(input, false), at_once(input, false);
  at::Tensor last, picture;
  for (std::int64_t i = 0; i < 16; ++i) {
    picture = reader.next().value().rgb;
    last = in_order.at(i, picture, moving(), kClipStart);
  }
  EXPECT_TRUE(at::equal(at_once.at(15, picture, moving(), kClipStart), last));
}

TEST(MotionMask, NeedsAVideo) {
  job::Job job;
  job.dream.mask = moving();
  job.input.path = "photo.png";
  media::VideoInfo info;
  info.width = 64;
  info.height = 48;
  info.is_still = true;
  try {
    const Masks masks(job, info);
    ADD_FAILURE();
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), HasSubstr("dream.mask.from: expected another mask than motion"));
  }
}

TEST(MotionMask, CountsItsMemory) {
  job::Job job;
  media::VideoInfo info;
  info.width = 1920;
  info.height = 1080;
  job.dream.mask = moving();
  const auto one = bytes_of_mattes(job, info);
  EXPECT_GT(one, 512 * 288 * 9 * 4 * 4);
  job.dream.objectives.emplace_back().mask = moving(0.5);
  EXPECT_EQ(bytes_of_mattes(job, info), one) << "both masks read the same speeds";
}

TEST(MasksPicture, ShowsEachMaskInItsColour) {
  const at::Tensor source = at::full({3, 2, 4}, 0.5F);
  at::Tensor dream = at::zeros({1, 2, 4}), objective = at::zeros({1, 2, 4});
  dream.narrow(2, 0, 1).fill_(1);
  objective.narrow(2, 3, 1).fill_(1);
  const at::Tensor picture = masks_picture(source, dream, {{}, objective});
  const auto colour = [&](std::int64_t x) { return picture.select(2, x).select(1, 0); };
  EXPECT_EQ(colour(0).argmax().item<std::int64_t>(), 0) << "red";
  EXPECT_EQ(colour(3).argmax().item<std::int64_t>(), 2) << "blue, the second objective's colour";
  EXPECT_NEAR((colour(1) - 0.5).abs().max().item<double>(), 0, 1e-6);
  job::Job job;
  job.dream.mask = moving();
  job.dream.objectives.resize(2);
  job.dream.objectives[1].mask = moving();
  EXPECT_EQ(words_for_masks(job), "red: dream.mask, blue: dream.objectives.1.mask");
}

}  // namespace
}  // namespace dreamreel::masking
