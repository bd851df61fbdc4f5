#include "dreamreel/masking/masks.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"
#include "support/files.h"

namespace dreamreel::masking {
namespace {

using job::Mask;
using test::ScratchDir;
using testing::HasSubstr;

constexpr curve::CurveTime kStart{0, 24};
constexpr int kFrameHeight = 48, kFrameWidth = 64, kRate = 10;

at::Tensor plain(double red, double green, double blue) {
  return at::tensor({red, green, blue}, at::kFloat).view({3, 1, 1}).expand({3, 4, 4}).contiguous();
}

double keyed(const Mask& mask, const at::Tensor& picture) {
  return key(mask, picture, {}, kStart).mean().item<double>();
}

Mask of_file(const std::filesystem::path& path) {
  Mask mask;
  mask.path = path;
  return mask;
}

job::Job with_mask(const Mask& mask) {
  job::Job job;
  job.dream.mask = mask;
  return job;
}

media::VideoInfo info() {
  media::VideoInfo info;
  info.width = kFrameWidth;
  info.height = kFrameHeight;
  info.frame_rate = {kRate, 1};
  return info;
}

media::VideoFrame frame(std::int64_t index) {
  media::VideoFrame frame;
  frame.rgb = at::full({3, kFrameHeight, kFrameWidth}, 0.5F);
  frame.index = index;
  frame.seconds = static_cast<double>(index) / kRate;
  return frame;
}

TEST(Key, OfLumaIsOneInItsRangeAndFallsOffOverTheSoftness) {
  Mask mask;
  mask.from = Mask::From::luma;
  mask.low = 0.4;
  mask.high = 0.6;
  mask.softness = 0.2;
  constexpr double kTolerance = 1e-5;  // float32
  EXPECT_NEAR(keyed(mask, plain(0.5, 0.5, 0.5)), 1, kTolerance);
  EXPECT_NEAR(keyed(mask, plain(0.4, 0.4, 0.4)), 1, kTolerance);
  EXPECT_NEAR(keyed(mask, plain(0.35, 0.35, 0.35)), 0.75, kTolerance);
  EXPECT_NEAR(keyed(mask, plain(0.75, 0.75, 0.75)), 0.25, kTolerance);
  EXPECT_NEAR(keyed(mask, plain(0.9, 0.9, 0.9)), 0, kTolerance);
  EXPECT_NEAR(keyed(mask, plain(0, 0.7, 0)), 1, kTolerance);  // luma 0.7152 * 0.7
  mask.softness = 0;
  EXPECT_EQ(keyed(mask, plain(0.39, 0.39, 0.39)), 0);
  EXPECT_EQ(keyed(mask, plain(0.41, 0.41, 0.41)), 1);
}

TEST(Key, OfChromaFindsAColourInLightAndShade) {
  Mask mask;
  mask.from = Mask::From::chroma;
  mask.colour = {0, 177 / 255.0, 64 / 255.0};  // #00b140, the green of green screens
  mask.tolerance = 0.15;
  mask.softness = 0.05;
  EXPECT_EQ(keyed(mask, plain(0, 177 / 255.0, 64 / 255.0)), 1);
  EXPECT_EQ(keyed(mask, plain(0.1, 177 / 255.0 + 0.1, 64 / 255.0 + 0.1)), 1);  // the same hue, brighter
  EXPECT_EQ(keyed(mask, plain(0, 0.5, 0.18)), 1);                              // in the shade
  EXPECT_EQ(keyed(mask, plain(0.8, 0.6, 0.5)), 0);                             // skin
  EXPECT_EQ(keyed(mask, plain(0.5, 0.5, 0.5)), 0);
  EXPECT_EQ(keyed(mask, plain(0.1, 0.2, 0.8)), 0);
}

TEST(Finished, AFeatherOfWPixelsTakesAHardEdgeFrom95To5PercentInW) {
  at::Tensor edge = at::zeros({1, 8, 101});
  edge.narrow(2, 50, 51).fill_(1);  // the edge lies at 49.5
  Mask mask;
  mask.feather = 20;
  const at::Tensor soft = finished(mask, edge, kStart)[0][4];
  const auto at_position = [&](double x) {  // linear between pixels
    const auto left = static_cast<std::int64_t>(x);
    const double part = x - static_cast<double>(left);
    return soft[left].item<double>() * (1 - part) + soft[left + 1].item<double>() * part;
  };
  constexpr double kTolerance = 0.005;  // the Gaussian is sampled, and cut off at 3 sigma
  EXPECT_NEAR(at_position(49.5), 0.5, kTolerance);
  EXPECT_NEAR(at_position(39.5), 0.05, kTolerance);
  EXPECT_NEAR(at_position(59.5), 0.95, kTolerance);
  mask.invert = true;
  EXPECT_TRUE(at::allclose(finished(mask, edge, kStart)[0][4], 1 - soft, 0, 1e-6));
  mask.feather = 0;
  EXPECT_TRUE(at::equal(finished(mask, edge, kStart), 1 - edge));
}

TEST(Finished, FeatherMayChangeOverTime) {
  at::Tensor edge = at::zeros({1, 8, 64});
  edge.narrow(2, 32, 32).fill_(1);
  Mask mask;
  mask.feather = curve::Curve({{{0, TimePoint::Unit::seconds}, 0}, {{1, TimePoint::Unit::seconds}, 30}});
  EXPECT_TRUE(at::equal(finished(mask, edge, {0, 24}), edge));
  EXPECT_LT(finished(mask, edge, {1, 24})[0][4][33].item<float>(), 0.7F);
}

TEST(Masks, APictureIsScaledToTheFrameAndHoldsForAllOfThem) {
  const ScratchDir scratch;
  test::ffmpeg(
      {"-f", "lavfi", "-i", "color=white:s=16x24,pad=32:24:0:0:black", "-frames:v", "1", scratch / "m.png"});
  job::Job job = with_mask(of_file(scratch / "m.png"));
  job.input.trim_start = TimePoint{30, TimePoint::Unit::seconds};  // a picture is not trimmed
  Masks masks(job, info());
  for (const std::int64_t index : {0, 7, 3}) {
    const at::Tensor mask = masks.of_dream(frame(index), kStart);
    ASSERT_EQ(mask.sizes(), (std::vector<std::int64_t>{1, kFrameHeight, kFrameWidth}));
    EXPECT_GT(mask.narrow(2, 0, 28).min().item<float>(), 0.99F);
    EXPECT_LT(mask.narrow(2, 36, 28).max().item<float>(), 0.01F);
  }
}

// Each frame has its own grey: frame n has luma n / 20.
void write_grey_clip(const std::filesystem::path& path, int frames) {
  test::ffmpeg({"-f", "lavfi", "-i", "color=black:s=64x48:r=10,format=gray16le,geq=lum='N*65535/20'",
                "-frames:v", std::to_string(frames), "-c:v", "ffv1", path});
}

double grey_of(Masks& masks, std::int64_t index) {
  return masks.of_dream(frame(index), kStart).mean().item<double>() * 20;
}

// Of one step; covers 16 bits, and a colour matrix in both directions.
constexpr double kGreyTolerance = 0.01;

TEST(Masks, AVideoGoesWithTheSourceFrameByFrame) {
  const ScratchDir scratch;
  write_grey_clip(scratch / "m.mkv", 20);
  Masks masks(with_mask(of_file(scratch / "m.mkv")), info());
  for (const std::int64_t index : {0, 1, 2, 9, 4, 19})  // any frame, also an earlier one
    EXPECT_NEAR(grey_of(masks, index), static_cast<double>(index), kGreyTolerance);
}

TEST(Masks, AVideoIsTrimmedAsTheSourceIsUnlessItSaysWhereItStarts) {
  const ScratchDir scratch;
  write_grey_clip(scratch / "m.mkv", 20);
  job::Job job = with_mask(of_file(scratch / "m.mkv"));
  job.input.trim_start = TimePoint{0.5, TimePoint::Unit::seconds};
  Masks trimmed(job, info());
  EXPECT_NEAR(grey_of(trimmed, 0), 5, kGreyTolerance);
  EXPECT_NEAR(grey_of(trimmed, 3), 8, kGreyTolerance);
  job.dream.mask->start = TimePoint{0, TimePoint::Unit::seconds};
  Masks own(job, info());
  EXPECT_NEAR(grey_of(own, 3), 3, kGreyTolerance);
}

TEST(Masks, AShortVideoHoldsItsLastFrame) {
  const ScratchDir scratch;
  write_grey_clip(scratch / "m.mkv", 3);
  Masks masks(with_mask(of_file(scratch / "m.mkv")), info());
  EXPECT_NEAR(grey_of(masks, 40), 2, kGreyTolerance);
  EXPECT_NEAR(grey_of(masks, 41), 2, kGreyTolerance);
  EXPECT_NEAR(grey_of(masks, 1), 1, kGreyTolerance);
  media::VideoInfo source = info();
  source.frame_count = 10;
  const job::Job job = with_mask(of_file(scratch / "m.mkv"));
  EXPECT_THAT(
      Masks(job, source).remarks(),
      testing::ElementsAre(HasSubstr("shorter than the video; its last frame holds from frame 3 on")));
  source.frame_rate = {20, 1};  // three frames of 10 a second are six of 20
  EXPECT_THAT(Masks(job, source).remarks(),
              testing::ElementsAre(HasSubstr("go with the source by time"), HasSubstr("from frame 6 on")));
  source.frame_count = 6;
  EXPECT_THAT(Masks(job, source).remarks(), testing::SizeIs(1));
}

TEST(Masks, AVideoOfAnotherRateGoesWithTheSourceByTime) {
  const ScratchDir scratch;
  write_grey_clip(scratch / "m.mkv", 10);  // one second
  const auto at_rate = [&](int rate) {
    media::VideoInfo source = info();
    source.frame_rate = {rate, 1};
    return source;
  };
  const auto grey_at = [](Masks& masks, std::int64_t index, double seconds) {
    media::VideoFrame one = frame(index);
    one.seconds = seconds;
    return masks.of_dream(one, kStart).mean().item<double>() * 20;
  };
  const job::Job job = with_mask(of_file(scratch / "m.mkv"));
  Masks faster(job, at_rate(20)), slower(job, at_rate(5)), same(job, info());
  EXPECT_THAT(same.remarks(), testing::IsEmpty());
  EXPECT_THAT(faster.remarks(),
              testing::ElementsAre(HasSubstr("(10 a second) than the source's (20 a second)")));
  for (const std::int64_t index : {0, 1, 2, 7, 4, 19, 40})  // any frame, also an earlier one
    EXPECT_NEAR(grey_at(faster, index, static_cast<double>(index) / 20),
                static_cast<double>(std::min<std::int64_t>(index / 2, 9)), kGreyTolerance);
  for (const std::int64_t index : {0, 1, 4, 2})
    EXPECT_NEAR(grey_at(slower, index, static_cast<double>(index) / 5), static_cast<double>(2 * index),
                kGreyTolerance);
  EXPECT_NEAR(grey_at(slower, 1, 0.1995), 2, kGreyTolerance) << "a container's clock is rounded";
  EXPECT_NEAR(grey_at(slower, -1, -0.2), 0, kGreyTolerance) << "the run-in of a loop";
}

TEST(Masks, MayBeAFilesAlpha) {
  const ScratchDir scratch;
  test::ffmpeg(
      {"-f", "lavfi", "-i", "color=white@0.25:s=64x48,format=rgba", "-frames:v", "1", scratch / "m.png"});
  Mask mask = of_file(scratch / "m.png");
  mask.channel = Mask::Channel::alpha;
  Masks masks(with_mask(mask), info());
  EXPECT_NEAR(masks.of_dream(frame(0), kStart).mean().item<double>(), 0.25, 1.0 / 255);
}

TEST(Masks, EachObjectiveHasItsOwn) {
  const ScratchDir scratch;
  write_grey_clip(scratch / "m.mkv", 3);
  job::Job job;
  job.dream.objectives.resize(3);
  job.dream.objectives[1].mask = of_file(scratch / "m.mkv");
  job.dream.objectives[2].mask.emplace().from = Mask::From::alpha;
  media::VideoInfo source = info();
  source.has_alpha = true;
  Masks masks(job, source);
  media::VideoFrame second = frame(2);
  second.alpha = at::full({1, kFrameHeight, kFrameWidth}, 0.3F);
  EXPECT_FALSE(masks.of_dream(second, kStart).defined());
  EXPECT_FALSE(masks.of_objective(0, second, kStart).defined());
  EXPECT_NEAR(masks.of_objective(1, second, kStart).mean().item<double>() * 20, 2, kGreyTolerance);
  EXPECT_TRUE(at::equal(masks.of_objective(2, second, kStart), second.alpha));
}

// The later frames of a still that becomes a video have no source picture, but the mask of the still stays.
TEST(Masks, AStillThatIsDreamedOnKeepsItsMask) {
  const ScratchDir scratch;
  test::ffmpeg(
      {"-f", "lavfi", "-i", "color=white:s=32x48,pad=64:48:0:0:black", "-frames:v", "1", scratch / "s.png"});
  Mask mask;
  mask.from = Mask::From::luma;
  mask.low = 0.5;
  job::Job job = with_mask(mask);
  job.input.path = scratch / "s.png";
  job.input.duration = TimePoint{1, TimePoint::Unit::seconds};
  Masks masks(job, info());
  media::VideoFrame later;
  later.index = 5;
  const at::Tensor kept = masks.of_dream(later, kStart);
  EXPECT_EQ(kept.narrow(2, 0, 32).min().item<float>(), 1);
  EXPECT_EQ(kept.narrow(2, 32, 32).max().item<float>(), 0);
}

template <typename E>
std::string refused(const Mask& mask) {
  job::Job job = with_mask(mask);
  job.input.path = "source.mp4";
  try {
    const Masks masks(job, info());
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(Masks, SayWhatIsWrongBeforeAnythingIsRendered) {
  const ScratchDir scratch;
  EXPECT_THAT(refused<InputError>(of_file(scratch / "none.png")), HasSubstr("no such file"));
  test::write_file(scratch / "text.png", "not a picture");
  EXPECT_THAT(refused<InputError>(of_file(scratch / "text.png")), HasSubstr("text.png"));
  write_grey_clip(scratch / "m.mkv", 2);
  Mask mask = of_file(scratch / "m.mkv");
  mask.channel = Mask::Channel::alpha;
  EXPECT_THAT(refused<JobError>(mask), HasSubstr("gray16le; use channel: luma"));
  Mask alpha;
  alpha.from = Mask::From::alpha;
  EXPECT_THAT(refused<JobError>(alpha), HasSubstr("needs a source with alpha"));
}

}  // namespace
}  // namespace dreamreel::masking
