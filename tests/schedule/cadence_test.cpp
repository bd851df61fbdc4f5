#include "dreamreel/schedule/cadence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dreamreel::schedule {
namespace {

using testing::ElementsAre;

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

}  // namespace
}  // namespace dreamreel::schedule
