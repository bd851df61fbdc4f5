#include "dreamreel/core/beat_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

namespace dreamreel {
namespace {

std::vector<double> every(double period, int count, double first = 0) {
  std::vector<double> beats;
  for (int i = 0; i < count; ++i) beats.push_back(first + period * i);
  return beats;
}

SoundValues counts(const BeatGrid& grid, double seconds, double rate) {
  SoundValues values;
  grid.set_counts(seconds, rate, values);
  return values;
}

TEST(BeatGrid, CountsBeforeBetweenAndBehindTheBeats) {
  const BeatGrid grid(every(0.5, 9, 1), 120, 4);
  for (const auto& [seconds, beat] :
       {std::pair{1.0, 0.0}, {1.125, 0.25}, {3.0, 4.0}, {5.0, 8.0}, {7.0, 12.0}, {0.5, -1.0}, {-1.0, -4.0}}) {
    EXPECT_DOUBLE_EQ(grid.beats_at(seconds), beat);
    EXPECT_DOUBLE_EQ(grid.seconds_at(beat), seconds);
  }
  EXPECT_DOUBLE_EQ(grid.seconds_at(TimePoint{2, TimePoint::Unit::bars}), 5);
  EXPECT_DOUBLE_EQ(grid.seconds_at(TimePoint{2.5, TimePoint::Unit::beats}), 2.25);
}

TEST(BeatGrid, FollowsATempoThatChanges) {
  const BeatGrid grid({0, 0.5, 1, 1.6, 2.2}, 110, 4);
  EXPECT_DOUBLE_EQ(grid.beats_at(1.3), 2.5);
  EXPECT_DOUBLE_EQ(grid.seconds_at(3.5), 1.9);
}

// The beats of a break are counted, although none is heard.
TEST(BeatGrid, CountsThroughABreak) {
  auto beats = every(0.5, 8);
  for (const double beat : every(0.5, 8, 8.02)) beats.push_back(beat);
  const BeatGrid grid(beats, 120, 4);
  EXPECT_DOUBLE_EQ(grid.beats_at(8.02), 16);
  EXPECT_NEAR(grid.seconds_at(12), 6, 0.02);
}

// At every frame rate, the counts change in the frame in which a beat falls, as the variable `beat` does.
TEST(BeatGrid, IsWholeInTheFrameInWhichABeatFalls) {
  const auto beats = every(60.0 / 131, 60, 0.3);
  const BeatGrid grid(beats, 131, 3);
  for (const double rate : {23.976, 24.0, 25.0, 60.0, 120.0, 1000.0}) {
    std::set<std::int64_t> falls;
    for (const double beat : beats) falls.insert(static_cast<std::int64_t>((beat + kBeatTieSeconds) * rate));
    double before = -1e9;
    for (std::int64_t n = 0; n < 20 * rate; ++n) {
      const auto now = counts(grid, static_cast<double>(n) / rate, rate);
      EXPECT_GE(now.beats, before) << rate << " " << n;
      const bool is_later = before >= 0 && std::floor(now.beats) > std::floor(before);
      if (is_later) {
        EXPECT_TRUE(falls.contains(n)) << rate << " " << n;
        EXPECT_EQ(now.beats, std::floor(now.beats)) << rate << " " << n;
      }
      EXPECT_EQ(now.bar, std::floor(std::floor(now.beats) / 3));
      EXPECT_EQ(now.phrase, std::floor(now.bar / 4));
      before = now.beats;
    }
  }
}

TEST(BeatGrid, AFrameOnTheBeatIsExact) {
  const BeatGrid grid(every(0.5, 100), 120, 4);
  for (int n = 0; n < 1000; ++n) {
    const auto now = counts(grid, n / 24.0, 24);
    EXPECT_NEAR(now.beats, n / 12.0, 1e-9);
    EXPECT_EQ(now.bar, n / 48) << n;
    EXPECT_EQ(now.phrase, n / 192) << n;
  }
  EXPECT_EQ(counts(grid, -0.25, 24).beats, -0.5);
  EXPECT_EQ(counts(grid, -0.25, 24).bar, -1);
}

TEST(SoundVariables, EveryOneHasANameAndASentence) {
  std::set<std::string_view> names;
  for (const auto& variable : kSoundVariables) {
    EXPECT_TRUE(names.insert(variable.name).second) << variable.name;
    EXPECT_TRUE(variable.sentence.ends_with('.')) << variable.name;
  }
}

}  // namespace
}  // namespace dreamreel
