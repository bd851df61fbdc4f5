#include "dreamreel/study/measure.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "dreamreel/core/error.h"
#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"
#include "support/scenes.h"

namespace dreamreel::study {
namespace {

using test::wave_texture;
using ::testing::HasSubstr;

constexpr std::int64_t kHeight = 72, kWidth = 96;
constexpr double kSpeedPx = 2.3;  // px a frame, of moving()

using Clip = std::function<at::Tensor(int)>;

FrameStream stream(int frames, const Clip& clip) {
  return [frames, clip, n = 0]() mutable -> std::optional<at::Tensor> {
    if (n == frames) return std::nullopt;
    return clip(n++);
  };
}

at::Tensor moving(int n) {
  return wave_texture(kHeight, kWidth, n * kSpeedPx, 0);
}

at::Tensor still(int) {
  static const at::Tensor picture = wave_texture(kHeight, kWidth, 0, 0);
  return picture;
}

at::Tensor grain(int n, double sigma) {
  return image::noise_frame(kHeight, kWidth, {4, n, 0, 0}, Purpose::fresh_noise, sigma) - 0.5;
}

Measurement measured(int frames, const Clip& output, const Clip& source) {
  return measure(stream(frames, output), stream(frames, source));
}

TEST(WarpingError, IsTinyForAPictureThatMovesWithItsSource) {
  constexpr double kInterpolation = 2e-4;  // flow within 0.1 px and one bicubic pass
  const Measurement result = measured(5, moving, moving);
  ASSERT_TRUE(result.warping_error);
  EXPECT_LT(*result.warping_error, kInterpolation);
  EXPECT_FALSE(result.frames[0].warping_error);
  EXPECT_TRUE(result.frames[1].warping_error);
}

TEST(WarpingError, OfFreshGrainIsTwiceItsVariance) {
  constexpr double kSigma = 0.05;
  const Measurement result = measured(
      4, [](int n) { return still(n) + grain(n, kSigma); }, still);
  EXPECT_NEAR(*result.warping_error, 2 * kSigma * kSigma, 0.03 * kSigma * kSigma);
}

TEST(WarpingError, TellsADreamThatSticksFromOneThatStaysOnTheScreen) {
  const auto pattern = [](double shift) { return (wave_texture(kHeight, kWidth, shift, 0, 9) - 0.5) * 0.5; };
  const Measurement sticking = measured(
      4, [&](int n) { return moving(n) + pattern(n * kSpeedPx); }, moving);
  const Measurement on_the_screen = measured(
      4, [&](int n) { return moving(n) + pattern(0); }, moving);
  EXPECT_LT(*sticking.warping_error * 20, *on_the_screen.warping_error);
}

TEST(WarpingError, LeavesOutWhatASquareUncovers) {
  const at::Tensor background = wave_texture(120, 160, 0, 0, 1), square = wave_texture(60, 60, 0, 0, 2);
  const auto clip = [&](int n) {
    at::Tensor frame = background.clone();
    frame.narrow(1, 30, 60).narrow(2, 20 + 9 * n, 60).copy_(square);
    return frame;
  };
  const flow::FlowPair flow = flow::FlowEstimator({}).compute(clip(0), clip(1));
  const at::Tensor moved = image::resample(
      clip(0), image::positions({120, 160}, {}, flow.prev_from_cur, at::kCPU), image::Border::edge);
  const double everywhere = (clip(1) - moved).square().mean().item<double>();
  EXPECT_LT(*measured(2, clip, clip).warping_error, everywhere / 4);
}

TEST(WarpingError, SkipsCuts) {
  const auto clip = [](int n) {
    const at::Tensor tint = at::tensor({n < 4 ? 1.0F : 0.4F, 1.0F, 1.0F}).view({3, 1, 1});
    return wave_texture(kHeight, kWidth, n, 0, n < 4 ? 1 : 2) * tint;
  };
  const Measurement result = measured(8, clip, clip);
  for (std::size_t n = 0; n < 8; ++n) {
    EXPECT_EQ(result.frames[n].is_cut, n == 4) << n;
    EXPECT_EQ(result.frames[n].warping_error.has_value(), n != 0 && n != 4) << n;
  }
}

TEST(Sharpness, IsTheVarianceOfTheLaplacian) {
  const double turn = 2 * std::numbers::pi / 8;  // apart from the edge, whole periods of a wave of 8 px
  const at::Tensor wave =
      (at::arange(98, at::kFloat) * turn).cos().mul(0.4).add(0.5).view({1, 1, 98}).repeat({3, 40, 1});
  const Measurement result = measure(stream(1, [&](int) { return wave; }), {});
  const double gain = 2 - 2 * std::cos(turn);  // the Laplacian's gain on this wave
  EXPECT_NEAR(result.sharpness, gain * gain * 0.16 / 2, 1e-5);
}

TEST(Sharpness, FallsWithBlur) {
  const auto blurred = [](int n) { return image::gaussian_blur(still(n), 1.5); };
  EXPECT_LT(measured(2, blurred, still).sharpness, 0.5 * measured(2, still, still).sharpness);
}

TEST(Psnr, FollowsTheMeanSquaredError) {
  const Measurement result = measured(
      3, [](int n) { return still(n) + 0.1F; }, still);
  EXPECT_NEAR(*result.psnr_db, 20, 1e-3);
  EXPECT_NEAR(*result.frames[2].psnr_db, 20, 1e-3);
  EXPECT_EQ(*measured(2, still, still).psnr_db, std::numeric_limits<double>::infinity());
}

TEST(Drift, CountsWhatChangesAfterTheShotHasSettled) {
  // The picture brightens by 1 % a frame. Nine frames after frame 30 the ratio is 1.39 / 1.30.
  const Measurement result = measured(
      40, [](int n) { return still(n) * 0.6 * (1 + 0.01 * n); }, still);
  EXPECT_NEAR(*result.level_drift, 1.39 / 1.30 - 1, 1e-5);
  EXPECT_NEAR(*result.contrast_drift, 1.39 / 1.30 - 1, 1e-5);
  EXPECT_FALSE(result.frames[29].level_drift);
  EXPECT_NEAR(*result.frames[30].level_drift, 0, 1e-9);
}

TEST(Drift, LooksAtStillRegionsAlone) {
  const auto lamp = [](int n) {
    at::Tensor frame = still(n).clone();
    frame.narrow(2, 0, 30).mul_(0.3 + 0.015 * n);  // a lamp that comes on in the source
    return frame;
  };
  // Dark pixels under the lamp change so little that they count as still. The whole frame would be 5 %
  // brighter.
  EXPECT_LT(*measured(40, lamp, lamp).level_drift, 0.02);
  const auto dreamed = [&lamp](int n) { return lamp(n) + (n < 30 ? 0 : 0.005 * (n - 30)); };
  EXPECT_GT(*measured(40, dreamed, lamp).level_drift, 0.05);
}

TEST(Drift, BeginsAnewAfterACut) {
  const auto clip = [](int n) {
    const at::Tensor tint = at::tensor({n < 33 ? 1.0F : 0.4F, 1.0F, 1.0F}).view({3, 1, 1});
    return wave_texture(kHeight, kWidth, 0, 0, n < 33 ? 1 : 2) * tint;
  };
  const Measurement result = measured(40, clip, clip);
  EXPECT_TRUE(result.frames[33].is_cut);
  EXPECT_TRUE(result.frames[32].level_drift);
  EXPECT_FALSE(result.frames[39].level_drift);
  EXPECT_EQ(*result.level_drift, 0);
}

TEST(Measure, WithoutASourceTheOutputIsItsOwnJudge) {
  const Measurement result = measure(stream(4, moving), {});
  EXPECT_LT(*result.warping_error, 2e-4);
  EXPECT_FALSE(result.psnr_db);
  EXPECT_THAT(result.note, HasSubstr("no source"));
}

TEST(Measure, SaysWhichOfTheTwoEndsFirst) {
  const Measurement short_output = measure(stream(2, still), stream(3, still));
  EXPECT_EQ(short_output.frames.size(), 2U);
  EXPECT_THAT(short_output.note, HasSubstr("the output ends after 2 frames"));
  EXPECT_THAT(measure(stream(3, still), stream(2, still)).note, HasSubstr("the source ends after 2 frames"));
  EXPECT_EQ(measure(stream(2, still), stream(2, still)).note, "");
}

std::string data_error(const FrameStream& output, const FrameStream& source) {
  try {
    measure(output, source);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

TEST(Measure, RefusesWhatCannotBeCompared) {
  const auto small = [](int) { return at::zeros({3, 36, 48}); };
  EXPECT_THAT(data_error(stream(2, small), stream(2, still)), HasSubstr("96x72, got 48x36"));
  EXPECT_THAT(data_error(stream(0, still), stream(2, still)), HasSubstr("got none from the output"));
  EXPECT_THAT(data_error(stream(0, still), {}), HasSubstr("got none from the output"));
  EXPECT_THAT(data_error(stream(2, still), stream(0, still)), HasSubstr("got none from the source"));
}

TEST(Measure, TinyFramesWork) {
  const auto dot = [](int) { return at::full({3, 1, 1}, 0.5F); };
  const Measurement result = measured(3, dot, dot);
  EXPECT_EQ(*result.warping_error, 0);
  EXPECT_EQ(result.sharpness, 0);
}

// A bar of `kBar` columns passes over a still picture in frames 6 to 20.
at::Tensor with_bar(int n) {
  constexpr std::int64_t kBar = 24, kStep = 8;
  at::Tensor frame = still(n).clone();
  const std::int64_t left = (n - 6) * kStep - kBar, from = std::max<std::int64_t>(left, 0),
                     to = std::min(left + kBar, kWidth);
  if (from < to) frame.narrow(2, from, to - from).copy_(wave_texture(kHeight, to - from, 0, 0, 7));
  return frame;
}

Measurement with_dream(const std::function<at::Tensor(int)>& dream) {
  return measured(
      26, [&](int n) { return with_bar(n) + dream(n); }, with_bar);
}

TEST(MemoryAndDepth, TellADreamThatComesBackFromOneThatGrowsAnew) {
  const auto waves = [](int seed) {
    return (wave_texture(kHeight, kWidth, 0, 0, static_cast<std::uint64_t>(seed)) - 0.5) * 0.2;
  };
  const at::Tensor pattern = waves(9);
  const Measurement kept = with_dream([&](int) { return pattern; });
  ASSERT_TRUE(kept.memory && kept.depth);
  EXPECT_GT(*kept.memory, 0.9);
  EXPECT_NEAR(*kept.depth, 1, 0.1);
  const Measurement anew = with_dream([&](int n) { return waves(100 + n); });
  EXPECT_LT(std::abs(*anew.memory), 0.3);
  const Measurement paler = with_dream([&](int n) { return pattern * (n < 12 ? 1 : 0.25); });
  EXPECT_GT(*paler.memory, 0.6);
  EXPECT_LT(*paler.depth, 0.9);
}

TEST(MemoryAndDepth, AreNotToldWhereNothingIsUncovered) {
  const Measurement result = measured(
      12, [](int n) { return still(n) + grain(n, 0.01); }, still);
  EXPECT_FALSE(result.memory || result.depth);
  EXPECT_FALSE(measure(stream(12, with_bar), {}).memory) << "nor without a source";
}

TEST(LongTermError, IsOfTheFramesEightAndTwentyFourBefore) {
  constexpr double kDrift = 0.004;  // a frame
  const Measurement result = measured(
      27, [](int n) { return still(n) + n * kDrift; }, still);
  EXPECT_NEAR(*result.warping_error, kDrift * kDrift, 1e-6);
  EXPECT_NEAR(*result.warping_error_8, 64 * kDrift * kDrift, 1e-5);
  EXPECT_NEAR(*result.warping_error_24, 576 * kDrift * kDrift, 1e-4);
  EXPECT_FALSE(result.frames[7].warping_error_8);
  EXPECT_TRUE(result.frames[8].warping_error_8);
  EXPECT_FALSE(result.frames[23].warping_error_24);
}

}  // namespace
}  // namespace dreamreel::study
