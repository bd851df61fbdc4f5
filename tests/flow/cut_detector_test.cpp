#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <utility>

#include "dreamreel/flow/cut_detector.h"
#include "dreamreel/image/frame.h"
#include "support/files.h"
#include "support/scenes.h"

namespace dreamreel::flow {
namespace {

using test::wave_texture;

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kClipHeight = 90, kClipWidth = 160;

/// A clip is a function of the frame number.
std::vector<int> cuts_in(int frames, const std::function<at::Tensor(int)>& clip) {
  CutDetector detector;
  for (int n = 0; n < frames; ++n) detector.add(clip(n));
  detector.finish();
  std::vector<int> cuts;
  for (int n = 0; n < frames; ++n)
    if (detector.next().value()) cuts.push_back(n);
  EXPECT_EQ(detector.next(), std::nullopt);
  return cuts;
}

/// A clip that ffmpeg makes or reads, as a list of frames.
std::vector<at::Tensor> decoded(std::vector<std::string> arguments) {
  const test::ScratchDir scratch;
  for (const char* argument : {"-s", "160x90", "-vsync", "0", "-pix_fmt", "rgb48le", "-f", "rawvideo"})
    arguments.emplace_back(argument);
  arguments.push_back(scratch / "frames.raw");
  test::ffmpeg(arguments);
  const std::string bytes = test::read_file(scratch / "frames.raw");
  constexpr std::size_t kFrameBytes = kClipHeight * kClipWidth * 3 * 2;
  std::vector<at::Tensor> frames;
  std::vector<std::uint16_t> rgb(kFrameBytes / 2);
  for (std::size_t at = 0; at + kFrameBytes <= bytes.size(); at += kFrameBytes) {
    std::memcpy(rgb.data(), bytes.data() + at, kFrameBytes);
    frames.push_back(image::from_rgb48(rgb.data(), kClipHeight, kClipWidth));
  }
  return frames;
}

std::vector<int> cuts_in(const std::vector<at::Tensor>& frames) {
  return cuts_in(static_cast<int>(frames.size()),
                 [&frames](int n) { return frames[static_cast<std::size_t>(n)]; });
}

std::vector<int> cuts_of_source(const std::string& lavfi) {
  return cuts_in(decoded({"-f", "lavfi", "-i", lavfi}));
}

at::Tensor scene(std::uint64_t seed, double shift = 0) {
  return wave_texture(kClipHeight, kClipWidth, shift, 0, seed);
}

at::Tensor tinted(const at::Tensor& frame, float red, float blue) {
  return frame * at::tensor({red, 1.0F, blue}).view({3, 1, 1});
}

at::Tensor flat(float level) {
  return at::full({3, kClipHeight, kClipWidth}, level);
}

TEST(CutDetector, FindsHardCutsInMovingPictures) {
  const auto cuts = cuts_of_source(
      "testsrc2=s=160x90:r=25:d=1[a];mandelbrot=s=160x90:r=25,trim=duration=1[b];smptebars=s=160x90:r=25:"
      "d=1[c];"
      "[a][b][c]concat=n=3");
  EXPECT_THAT(cuts, ElementsAre(25, 50));
}

TEST(CutDetector, FindsEveryCutOfAQuickSequence) {
  const auto clip = [](int n) {
    const int shot = n / 3;
    return tinted(scene(static_cast<std::uint64_t>(shot) + 1), shot % 2 ? 0.6F : 1, 1);
  };
  EXPECT_THAT(cuts_in(12, clip), ElementsAre(3, 6, 9));
}

TEST(CutDetector, FindsACutInTheDark) {
  const auto clip = [](int n) { return n < 10 ? scene(1, n) * 0.2 : tinted(scene(2, n), 0.5, 0.5) * 0.2; };
  EXPECT_THAT(cuts_in(20, clip), ElementsAre(10));
}

TEST(CutDetector, StillsAndSlowMotionAreNoCuts) {
  EXPECT_THAT(cuts_in(12, [](int n) { return scene(1, n < 8 ? 0 : 0.1); }), IsEmpty());
  EXPECT_THAT(cuts_of_source("testsrc2=s=160x90:r=25:d=1"), IsEmpty());
  EXPECT_THAT(cuts_of_source("mandelbrot=s=160x90:r=25,trim=duration=1"), IsEmpty());
}

// A pan that starts at full speed, a fifth of the frame every frame.
TEST(CutDetector, AWhipPanIsNoCut) {
  const at::Tensor wide = wave_texture(kClipHeight, 6 * kClipWidth, 0, 0, 3);
  const auto clip = [&wide](int n) {
    return wide.narrow(2, std::int64_t{32} * std::max(0, n - 8), kClipWidth).contiguous();
  };
  EXPECT_THAT(cuts_in(30, clip), IsEmpty());
}

TEST(CutDetector, GrainIsNoCut) {
  const auto clip = [](int n) {
    const at::Tensor grain =
        image::noise_frame(kClipHeight, kClipWidth, {1, n, 0, 0}, Purpose::fresh_noise, 0.15);
    return (scene(1) * 0.5 + grain - 0.25).clamp(0, 1);
  };
  EXPECT_THAT(cuts_in(20, clip), IsEmpty());
}

TEST(CutDetector, FadesAreNoCuts) {
  const auto fading = [](int n) {
    return scene(n < 14 ? 1 : 2, n) * std::abs(std::clamp((n - 14) / 10.0, -1.0, 1.0));
  };
  EXPECT_THAT(cuts_in(30, fading), IsEmpty());
}

TEST(CutDetector, FlashesDoNotBreakAShot) {
  EXPECT_THAT(cuts_in(20, [](int n) { return n == 10 ? flat(1) : scene(1, n); }), IsEmpty());
  // A strobe that leaves some of the picture.
  EXPECT_THAT(cuts_in(20, [](int n) { return n % 4 ? scene(1, n) : (scene(1, n) * 1.5 + 0.2).clamp(0, 1); }),
              IsEmpty());
}

TEST(CutDetector, ACutThroughBlackFallsOnTheFirstPictureAfterIt) {
  const auto clip = [](int n) {
    return n < 8 ? scene(1, n) : n < 12 ? flat(0) : tinted(scene(2, n), 1, 0.5);
  };
  EXPECT_THAT(cuts_in(20, clip), ElementsAre(12));
  EXPECT_THAT(cuts_in(20, [](int n) { return n < 4 ? flat(0) : scene(1, n); }), ElementsAre(4));
}

// One to four frames of another kind, in a shot that moves on meanwhile.
class AnyNumberInserted : public testing::TestWithParam<int> {};

TEST_P(AnyNumberInserted, WhatComesBackWithinAFewFramesIsNoCut) {
  const int last = 10 + GetParam();
  const auto clip_with = [last](const std::function<at::Tensor(int)>& inserted) {
    return [=](int n) { return n >= 10 && n < last ? inserted(n) : scene(1, n); };
  };
  const auto inverted = [](int n) { return 1 - scene(1, n); };
  const auto foreign = [](int n) { return tinted(scene(2, n), 0.5, 1); };
  const auto many = [](int n) { return tinted(scene(static_cast<std::uint64_t>(n), n), 0.5, 1); };
  const auto blown = [](int n) { return (scene(1, n) * 8).clamp(0, 1); };
  for (const auto& inserted : std::vector<std::function<at::Tensor(int)>>{inverted, foreign, many, blown})
    EXPECT_THAT(cuts_in(24, clip_with(inserted)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(CutDetector, AnyNumberInserted, testing::Range(1, CutDetector::kMostInserted + 1));

TEST(CutDetector, AStrobeOfInvertedFramesIsNoCut) {
  for (const int period : {2, 3, 6, 12})
    EXPECT_THAT(cuts_in(40, [&](int n) { return n % period == 1 ? 1 - scene(1, n) : scene(1, n); }),
                IsEmpty())
        << period;
  EXPECT_THAT(cuts_in(40, [&](int n) { return n % 8 < 4 ? scene(1, n) : 1 - scene(1, n); }), IsEmpty());
}

TEST(CutDetector, AShotOfMoreFramesIsACutThereAndACutBack) {
  const auto there_and_back = [](int frames) {
    return cuts_in(40, [frames](int n) {
      return n >= 10 && n < 10 + frames ? tinted(scene(2, n), 0.5, 1) : scene(1, n);
    });
  };
  for (const int frames : {CutDetector::kMostInserted + 1, 8, 24})
    EXPECT_THAT(there_and_back(frames), ElementsAre(10, 10 + frames));
}

// An inserted frame just before or just behind a cut leaves the cut where it is.
TEST(CutDetector, ACutBesideAnInsertedFrameIsFound) {
  const auto clip_with = [](int inserted) {
    return [inserted](int n) {
      const at::Tensor own = n < 10 ? scene(1, n) : tinted(scene(2, n), 0.5, 1);
      return n == inserted ? 1 - own : own;
    };
  };
  EXPECT_THAT(cuts_in(20, clip_with(7)), ElementsAre(10));
  EXPECT_THAT(cuts_in(20, clip_with(12)), ElementsAre(10));
}

TEST(CutDetector, AVerdictWaitsForFramesOnlyWhereThePictureBreaks) {
  CutDetector detector;
  for (int n = 0; n < 10; ++n) {
    detector.add(scene(1, n));
    EXPECT_EQ(detector.next(), false) << n;
  }
  for (int n = 10; n < 10 + CutDetector::kMostInserted; ++n) {
    detector.add(tinted(scene(2, n), 0.5, 1));
    EXPECT_EQ(detector.next(), std::nullopt) << n;
  }
  detector.finish();
  EXPECT_EQ(detector.next(), true);
}

TEST(CutDetector, AnySizeWorks) {
  for (const auto& [height, width] : {std::pair{1, 1}, {1, 500}, {500, 1}, {33, 17}})
    EXPECT_THAT(cuts_in(3, [h = height, w = width](int n) { return wave_texture(h, w, n, 0); }), IsEmpty());
}

}  // namespace
}  // namespace dreamreel::flow
