#include "dreamreel/schedule/cadence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "dreamreel/schedule/feedback.h"

namespace dreamreel::schedule {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::int64_t> dreamed(const Cadence& cadence, const Piece& piece) {
  std::vector<std::int64_t> frames;
  for (std::int64_t frame = piece.start; frame < piece.end; ++frame)
    if (cadence.is_dreamed(piece, frame)) frames.push_back(frame);
  return frames;
}

TEST(Cadence, DreamsOneFrameInSoManyAndTheLast) {
  const Piece piece{10, 10, 18, 0};
  EXPECT_THAT(dreamed(Cadence(1, {}), piece), ElementsAre(10, 11, 12, 13, 14, 15, 16, 17));
  EXPECT_THAT(dreamed(Cadence(3, {}), piece), ElementsAre(10, 13, 16, 17));
  EXPECT_THAT(dreamed(Cadence(8, {}), piece), ElementsAre(10, 17));
  EXPECT_THAT(dreamed(Cadence(8, {}), Piece{5, 5, 6, 0}), ElementsAre(5));
}

TEST(Cadence, CountsFromWhereAPieceWarmsUp) {
  EXPECT_THAT(dreamed(Cadence(4, {}), Piece{6, 9, 16, 0}), ElementsAre(6, 10, 14, 15));
}

TEST(Cadence, DreamsAllThatALoopLeansOn) {
  Loop loop;
  loop.length = 14;
  loop.crossfade = 4;
  loop.run_in = 3;
  EXPECT_THAT(dreamed(Cadence(4, loop), Piece{-3, 0, 14, 0}),
              ElementsAre(-3, -2, -1, 0, 4, 8, 10, 11, 12, 13));
}

TEST(Cadence, FindsTheDreamedFrameBefore) {
  const Cadence cadence(4, {});
  const Piece piece{10, 10, 21, 0};
  EXPECT_EQ(cadence.dreamed_before(piece, 21), 20);
  EXPECT_EQ(cadence.dreamed_before(piece, 20), 18);
  EXPECT_EQ(cadence.dreamed_before(piece, 15), 14);
  EXPECT_EQ(cadence.dreamed_before(piece, 14), 10);
  EXPECT_LT(cadence.dreamed_before(piece, 10), 10);
  EXPECT_EQ(cadence.count(piece, 10, 21), 4);
  EXPECT_EQ(cadence.count(piece, 11, 20), 2);
}

TEST(OlderPasts, AreOneForEachPowerOfTwo) {
  const Piece piece{0, 0, 400, 0};
  EXPECT_THAT(Cadence(1, {}, 60).older_pasts(piece, 200), ElementsAre(198, 196, 192, 176, 160, 128));
  EXPECT_THAT(Cadence(1, {}, 60).older_pasts(piece, 9), ElementsAre(6, 4, 0));
  EXPECT_THAT(Cadence(1, {}, 60).older_pasts(piece, 2), ElementsAre(0));
  EXPECT_THAT(Cadence(1, {}, 60).older_pasts(piece, 1), IsEmpty());
  EXPECT_THAT(Cadence(1, {}, 1).older_pasts(piece, 200), ElementsAre(198));
  EXPECT_THAT(Cadence(1, {}).older_pasts(piece, 200), IsEmpty());
  EXPECT_THAT(Cadence(3, {}, 20).older_pasts(piece, 60), ElementsAre(54, 48, 24));
}

// A place that was hidden for up to the memory's length has a past from before it was hidden, unless the
// piece is too young.
TEST(OlderPasts, ReachBehindEveryOcclusion) {
  for (const int every : {1, 2, 3})
    for (const Piece& piece : {Piece{0, 0, 300, 0}, Piece{7, 7, 300, 0}, Piece{40, 50, 300, 0}}) {
      constexpr std::int64_t kMemory = 60;
      const Cadence cadence(every, {}, kMemory);
      for (std::int64_t frame = piece.begin + 1; frame < piece.end - 1; ++frame) {
        if (!cadence.is_dreamed(piece, frame)) continue;
        const auto pasts = cadence.older_pasts(piece, frame);
        EXPECT_LE(pasts.size(), 6U);
        for (const auto past : pasts) EXPECT_TRUE(cadence.is_dreamed(piece, past) && past >= piece.begin);
        for (std::int64_t hidden = every; hidden <= kMemory; ++hidden) {
          // The last frame that shows the place is `hidden` or `hidden` + 1 frames back. Multiples of a power
          // of two lie up to twice as far apart.
          if (frame - 4 * std::max<std::int64_t>(hidden, every) < piece.begin) break;
          EXPECT_TRUE(std::ranges::any_of(
              pasts, [&](std::int64_t past) { return past < frame - hidden && past >= frame - 4 * hidden; }))
              << frame << " hidden for " << hidden << ", every " << every;
        }
      }
    }
}

// A past that has been left out never comes back, so only a few dreams have to be kept.
TEST(OlderPasts, AreAmongThoseOfTheFrameBefore) {
  for (const int every : {1, 2, 3, 5})
    for (const Piece& piece : {Piece{0, 0, 300, 0}, Piece{13, 13, 290, 0}}) {
      const Cadence cadence(every, {}, 100);
      std::vector<std::int64_t> kept;
      for (std::int64_t frame = piece.begin; frame < piece.end; ++frame) {
        if (!cadence.is_dreamed(piece, frame)) continue;
        const auto pasts = cadence.older_pasts(piece, frame);
        for (const auto past : pasts) EXPECT_EQ(std::ranges::count(kept, past), 1) << frame << " on " << past;
        kept = pasts;
        kept.push_back(frame);
        kept.push_back(cadence.dreamed_before(piece, frame));
      }
    }
}

TEST(OlderPasts, LieWithinTheFramesThatAreKept) {
  // The frame warms up.
  EXPECT_THAT(Cadence(1, {}, 30).older_pasts({10, 20, 60, 0}, 19), ElementsAre(16, 12));
  EXPECT_THAT(Cadence(1, {}, 30).older_pasts({10, 20, 60, 0}, 25), ElementsAre(22, 20));
  Loop loop;
  loop.length = 14;
  loop.crossfade = 4;
  loop.run_in = 8;
  const Piece piece{-8, 0, 14, 0};
  EXPECT_THAT(Cadence(1, loop, 30).older_pasts(piece, -2), IsEmpty());
  EXPECT_THAT(Cadence(1, loop, 30).older_pasts(piece, 6), ElementsAre(4, 0));
  EXPECT_THAT(Cadence(1, loop, 30).older_pasts(piece, 12), IsEmpty());
}

TEST(FramesRemembered, AreNoneWhereMemoryCannotHelp) {
  job::Job job;
  job.temporal.memory = 50;
  EXPECT_EQ(frames_remembered(job, 60), 50);
  const auto without = [&](auto change) {
    job::Job other = job;
    change(other);
    return frames_remembered(other, 60);
  };
  EXPECT_EQ(without([](job::Job& other) { other.input.noise.emplace(); }), 0);
  EXPECT_EQ(without([](job::Job& other) { other.temporal.flow = job::Temporal::Flow::none; }), 0);
  EXPECT_EQ(without([](job::Job& other) { other.temporal.occlusion = false; }), 0);
  EXPECT_EQ(without([](job::Job& other) { other.temporal.blend = 0; }), 0);
  EXPECT_EQ(without([](job::Job& other) { other.camera.zoom = 1.01; }), 0);
  EXPECT_EQ(without([](job::Job& other) { other.camera.pan_y = -0.1; }), 0);
}

TEST(FramesRemembered, AreAsManySecondsAtAnyRate) {
  job::Job job;
  job.temporal.memory = 48;
  job.temporal.at_fps = Rational{24, 1};
  EXPECT_EQ(frames_remembered(job, 24), 48);
  EXPECT_EQ(frames_remembered(job, 60), 120);
  EXPECT_EQ(frames_remembered(job, 30000.0 / 1001), 60);
  job.temporal.memory = 1000;
  EXPECT_EQ(frames_remembered(job, 1e9), 100'000) << "bounded";
}

}  // namespace
}  // namespace dreamreel::schedule
