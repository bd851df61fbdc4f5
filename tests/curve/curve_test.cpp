#include "dreamreel/curve/curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace dreamreel::curve {
namespace {

TimePoint seconds(double value) {
  return {value, TimePoint::Unit::seconds};
}
TimePoint frames(double value) {
  return {value, TimePoint::Unit::frames};
}

// A moment of a clip with constant rate.
CurveTime moment(double at_seconds, double rate) {
  return {at_seconds, rate, at_seconds * rate};
}

TEST(Curve, AConstantIsTheSameAtEveryTime) {
  const Curve curve = 0.9;
  EXPECT_TRUE(curve.is_constant());
  EXPECT_TRUE(curve.keys().empty());
  for (const double t : {-1.0, 0.0, 1e6}) EXPECT_EQ(curve.at(moment(t, 24)), 0.9);
  EXPECT_EQ(curve.min(), 0.9);
  EXPECT_EQ(curve.max(), 0.9);
  EXPECT_EQ(Curve().at(moment(3, 24)), 0);
}

struct EaseCase {
  Ease ease;
  double quarter, half, three_quarters;
};

class EveryEase : public testing::TestWithParam<EaseCase> {};

// The curve goes from 10 at 2 s to 26 at 6 s. The expected values follow from the formulas in the header, and
// are exact in binary.
TEST_P(EveryEase, GoesFromKeyToKey) {
  const auto& [ease, quarter, half, three_quarters] = GetParam();
  const Curve curve({{seconds(2), 10, ease}, {seconds(6), 26}});
  EXPECT_FALSE(curve.is_constant());
  EXPECT_EQ(curve.at(moment(0, 24)), 10);
  EXPECT_EQ(curve.at(moment(2, 24)), 10);
  EXPECT_EQ(curve.at(moment(3, 24)), 10 + 16 * quarter);
  EXPECT_EQ(curve.at(moment(4, 24)), 10 + 16 * half);
  EXPECT_EQ(curve.at(moment(5, 24)), 10 + 16 * three_quarters);
  EXPECT_EQ(curve.at(moment(6, 24)), 26);
  EXPECT_EQ(curve.at(moment(60, 24)), 26);
}

INSTANTIATE_TEST_SUITE_P(Curve, EveryEase,
                         testing::Values(EaseCase{Ease::linear, 1 / 4.0, 1 / 2.0, 3 / 4.0},
                                         EaseCase{Ease::hold, 0, 0, 0},
                                         EaseCase{Ease::in, 1 / 64.0, 1 / 8.0, 27 / 64.0},
                                         EaseCase{Ease::out, 37 / 64.0, 7 / 8.0, 63 / 64.0},
                                         EaseCase{Ease::in_out, 1 / 16.0, 1 / 2.0, 15 / 16.0},
                                         EaseCase{Ease::smooth, 5 / 32.0, 1 / 2.0, 27 / 32.0}),
                         [](const auto& test) { return std::string(name_of(test.param.ease)); });

TEST(Curve, FrameKeysFollowTheFrameRate) {
  const Curve curve({{seconds(0), 0}, {frames(48), 8}});
  EXPECT_EQ(curve.at(moment(1, 24)), 4);
  EXPECT_EQ(curve.at(moment(1, 48)), 8);
  EXPECT_EQ(curve.at(moment(1, 12)), 2);
}

// Rates whose frame times do not come out even, in doubles or in a container's milliseconds.
class EveryRate : public testing::TestWithParam<double> {};

TEST_P(EveryRate, AKeyInFramesHoldsFromItsFrameOn) {
  const double rate = GetParam();
  for (const double tick : {1.0 / 90'000, 1e-3})
    for (int key = 1; key < 300; ++key) {
      const Curve curve({{frames(0), 0, Ease::hold}, {frames(key), 1}});
      for (const int n : {key - 1, key, key + 1}) {
        const double stamp = std::round(n / rate / tick) * tick;
        EXPECT_EQ(curve.at({stamp, rate, static_cast<double>(n), 0, nullptr, tick}), n >= key)
            << key << " " << n;
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Curve, EveryRate,
                         testing::Values(24, 25, 30, 60, 24000.0 / 1001, 30000.0 / 1001, 12.5));

// Frames 0, 1, 2, 3 at 0, 0.9, 1 and 5 s.
TEST(Curve, FrameKeysOfAVaryingRateGoByTheFrame) {
  const Curve held({{frames(0), 0, Ease::hold}, {frames(2), 1, Ease::hold}, {frames(3), 2}});
  const Curve ramp({{frames(1), 0}, {frames(3), 8}});
  EXPECT_EQ(held.at({0.9, 2.4, 1}), 0);
  EXPECT_EQ(held.at({1, 2.4, 2}), 1);
  EXPECT_EQ(held.at({5, 2.4, 3}), 2);
  EXPECT_EQ(ramp.at({0.9, 2.4, 1}), 0);
  EXPECT_EQ(ramp.at({1, 2.4, 2}), 4);
  EXPECT_EQ(ramp.at({5, 2.4, 3}), 8);
}

TEST(Curve, AKeyInSecondsIsDueOnAFrameWhoseTimeWasRoundedToJustBeforeIt) {
  const Curve curve({{seconds(0), 0, Ease::hold}, {seconds(1), 1}, {seconds(2), 5}});
  EXPECT_EQ(curve.at(moment(0.9999999, 30)), 1);
  EXPECT_EQ(curve.at(moment(0.9996, 30)), 0);
  EXPECT_EQ(curve.at({0.9996, 30, 29, 0, nullptr, 1e-3}), 1);  // a clock of milliseconds
  EXPECT_EQ(curve.at({0.999, 30, 29, 0, nullptr, 1e-3}), 0);
}

// If sound begins before the picture, frame 12 is not at half a second.
TEST(Curve, KeysOfBothKindsMeetWhereTheFrameReallyIs) {
  const Curve curve({{frames(12), 0}, {seconds(3), 2}});
  EXPECT_EQ(curve.at({1, 24, 12}), 0);
  EXPECT_EQ(curve.at({2, 24, 36}), 1);
  EXPECT_EQ(curve.at({3, 24, 60}), 2);
}

TEST(Curve, KeysMayComeInAnyOrderAndEachStretchHasItsOwnEase) {
  const Curve curve({{seconds(8), 0}, {seconds(0), 2, Ease::hold}, {seconds(4), 6}});
  EXPECT_EQ(curve.at(moment(3.9, 24)), 2);
  EXPECT_EQ(curve.at(moment(6, 24)), 3);
  EXPECT_EQ(curve.keys().front().time, seconds(8));
}

TEST(Curve, AKeyInBarsHoldsFromTheFrameOfItsBeatOn) {
  const BeatGrid grid({0.31, 0.81, 1.31, 1.81, 2.31}, 120, 4);
  const auto on_sound = [&](int frame) {
    auto time = moment(frame / 24.0, 24);
    time.beats = &grid;
    return time;
  };
  const Curve steps({{{0, TimePoint::Unit::beats}, 1, Ease::hold}, {{1, TimePoint::Unit::bars}, 2}});
  EXPECT_TRUE(steps.uses_sound());
  EXPECT_TRUE(steps.counts_beats());
  EXPECT_EQ(steps.at(on_sound(54)), 1);
  EXPECT_EQ(steps.at(on_sound(55)), 2) << "the beat at 2.31 s falls between the frames 55 and 56";
  const Curve line({{{0, TimePoint::Unit::beats}, 0}, {{1, TimePoint::Unit::bars}, 2}});
  EXPECT_NEAR(line.at(on_sound(24)), (1 - 0.31) / 2 * 2, 1e-9);
  EXPECT_EQ(line.at(on_sound(7)), 0);
  EXPECT_EQ(line.at(on_sound(55)), 2);
  EXPECT_EQ(line.at(on_sound(500)), 2);
  EXPECT_EQ(line.at(moment(1, 24)), 1) << "without a grid: 120 beats a minute";
  const Curve mixed({{seconds(0), 0}, {{1, TimePoint::Unit::bars}, 2}});
  EXPECT_NEAR(mixed.at(on_sound(24)), 2 / 2.31, 1e-9);
  EXPECT_FALSE(Curve({{seconds(0), 0}, {frames(9), 1}}).uses_sound());
}

TEST(Curve, OfTwoKeysOnOneTimeTheLaterWins) {
  const Curve curve({{seconds(0), 0}, {seconds(2), 100}, {frames(48), 4}});
  EXPECT_EQ(curve.at(moment(1, 24)), 2);
  EXPECT_EQ(curve.at(moment(2, 24)), 4);
  EXPECT_EQ(curve.at(moment(3, 24)), 4);
}

TEST(Curve, KnowsItsExtremes) {
  const Curve curve({{seconds(0), 3}, {seconds(1), -2, Ease::in_out}, {frames(200), 7}});
  EXPECT_EQ(curve.min(), -2);
  EXPECT_EQ(curve.max(), 7);
}

TEST(Curve, StaysBetweenItsKeysToTheLastBit) {
  const Curve curve({{seconds(0), 0.1, Ease::out}, {seconds(0.3), 0.7}});
  for (int i = 0; i <= 1000; ++i) {
    const double value = curve.at(moment(0.3 * i / 1000, 24));
    EXPECT_GE(value, curve.min());
    EXPECT_LE(value, curve.max());
  }
}

TEST(Curve, RefusesAnEmptyListOfKeys) {
  EXPECT_THROW(Curve(std::vector<Keyframe>{}), std::invalid_argument);
}

TEST(Ease, NamesGoBothWays) {
  EXPECT_THAT(ease_names(), testing::ElementsAre("linear", "hold", "in", "out", "in_out", "smooth"));
  for (const auto& name : ease_names()) EXPECT_EQ(name_of(parse_ease(name).value()), name);
  EXPECT_EQ(parse_ease("bounce"), std::nullopt);
}

}  // namespace
}  // namespace dreamreel::curve
