#include "dreamreel/curve/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dreamreel/curve/curve.h"

extern "C" {
#include <libavutil/eval.h>
}

namespace {
std::atomic<std::size_t> allocations{0};
}

// Counts allocations, so that a test can show that reading a curve makes none.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace dreamreel::curve {
namespace {

constexpr SoundLevels kSound{
    .loudness = 0.7, .bass = 0.9, .mid = 0.25, .treble = 0.1, .onset = 1, .beat = 0.5};
const BeatGrid kGrid({0.25, 0.75, 1.25}, 120, 2);
const CurveTime kTime{1.25, 24, 30, 10, &kSound, 0, &kGrid};

// The result of libavutil itself for a text, with the same variables.
double by_libavutil(const std::string& text, const CurveTime& time) {
  const std::array<const char*, 15> names{"t",        "n",     "fps", "T",      "p",
                                          "loudness", "bass",  "mid", "treble", "onset",
                                          "beat",     "beats", "bar", "phrase", nullptr};
  const std::array<double, 15> values{time.seconds,
                                      time.frame,
                                      time.frames_per_second,
                                      time.duration_seconds,
                                      time.seconds / time.duration_seconds,
                                      kSound.loudness,
                                      kSound.bass,
                                      kSound.mid,
                                      kSound.treble,
                                      kSound.onset,
                                      kSound.beat,
                                      2,
                                      1,
                                      0,
                                      0};
  double result = 0;
  // The call also fails if the value is NaN. Whether the text can be parsed, Expression tells as well.
  av_expr_parse_and_eval(&result, text.c_str(), names.data(), values.data(), nullptr, nullptr, nullptr,
                         nullptr, nullptr, 0, nullptr);
  return result;
}

// A random expression of the grammar, at most `depth` deep.
std::string random_expression(std::mt19937& random, int depth) {
  const auto pick = [&random](const std::vector<std::string>& list) { return list[random() % list.size()]; };
  const auto inner = [&] { return random_expression(random, depth - 1); };
  if (depth == 0 || random() % 6 == 0)
    return pick({"t", "n", "fps", "T", "p", "bass", "beat", "loudness", "beats", "bar", "PI", "E", "PHI", "2",
                 "0.5", "3k", "-1.5", "0x10"});
  switch (random() % 6) {
    case 0:
      return inner() + pick({"+", "-", "*", "/", " + ", " * "}) + inner();
    case 1:
      return "(" + inner() + ")" + pick({"^2", "^0.5", ""});
    case 2:
      return pick({"sin", "cos", "abs", "floor", "ceil", "round", "sqrt", "exp", "not", "squish", "gauss",
                   "tanh", "isnan", "trunc", "sgn", "atan"}) +
             "(" + inner() + ")";
    case 3:
      return pick({"min", "max", "mod", "pow", "atan2", "gt", "lte", "eq", "hypot", "if", "ifnot"}) + "(" +
             inner() + "," + inner() + ")";
    case 4:
      return pick({"if", "clip", "between", "lerp", "ifnot"}) + "(" + inner() + ", " + inner() + ", " +
             inner() + ")";
    default:
      return "st(" + std::to_string(random() % 10) + "," + inner() + ");ld(" + std::to_string(random() % 10) +
             ")+" + inner();
  }
}

TEST(Expression, CountsBeatsAndBars) {
  EXPECT_EQ(Expression("100*beats+10*bar+phrase").at(kTime), 210);
  EXPECT_EQ(Expression("beats+bar+phrase").at({1.25, 24, 30, 10, &kSound}), 0) << "without a rhythm";
  EXPECT_TRUE(Expression("1+bar").counts_beats());
  EXPECT_TRUE(Expression("1+bar").uses_sound());
  EXPECT_FALSE(Expression("1+beat").counts_beats());
}

TEST(Expression, AgreesWithLibavutilOnTwoHundredTexts) {
  std::mt19937 random(7);
  int finite = 0;
  for (int i = 0; i < 200; ++i) {
    const auto text = random_expression(random, 1 + i % 4);
    const double expected = by_libavutil(text, kTime);
    const double found = Expression(text).at(kTime);
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(found)) << text;
    else
      EXPECT_EQ(found, expected) << text;
    finite += std::isfinite(expected) ? 1 : 0;
  }
  EXPECT_GT(finite, 100);  // with fewer values, the comparison would prove little
}

TEST(Expression, KnowsTimeFrameAndSound) {
  EXPECT_DOUBLE_EQ(Expression("0.6+0.3*sin(2*PI*t/5)").at(kTime), 0.9);
  EXPECT_EQ(Expression("n").at(kTime), 30);
  EXPECT_EQ(Expression("p").at(kTime), 0.125);
  EXPECT_EQ(Expression("p+T").at({1, 24, 24, 0}), 0);  // the length is not known
  EXPECT_EQ(Expression("1+0.2*bass").at(kTime), 1.18);
  EXPECT_EQ(Expression("beat").at({1.25, 24}), 0);
  EXPECT_TRUE(Expression("max(t, treble)").uses_sound());
  EXPECT_FALSE(Expression("max(t, n)").uses_sound());
  EXPECT_THAT(Expression("t*t+beat+sin(t)").variables(), testing::ElementsAre("beat", "t"));
}

TEST(Expression, WhatItStoresLastsForOneEvaluation) {
  const Expression counting("st(0, ld(0)+1)");
  EXPECT_EQ(counting.at(kTime), 1);
  EXPECT_EQ(counting.at(kTime), 1);
  const Expression dice("st(0,n); random(0)");
  const double here = dice.at(kTime);
  EXPECT_NE(dice.at({1.25, 24, 31, 10}), here);
  EXPECT_EQ(dice.at(kTime), here);
}

TEST(Expression, MayBeReadFromManyThreads) {
  const Expression expression("st(1,t);root(ld(0)-ld(1),100)+sin(n)");
  const double expected = expression.at(kTime);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int k = 0; k < 200; ++k) wrong += expression.at(kTime) == expected ? 0 : 1;
      });
  }
  EXPECT_EQ(wrong, 0);
}

struct BadExpression {
  std::string text;
  std::size_t position;
  const char* message;
};

class ExpressionErrors : public testing::TestWithParam<BadExpression> {};

TEST_P(ExpressionErrors, PointAtTheCharacter) {
  try {
    const Expression expression(GetParam().text);
    FAIL() << GetParam().text << " was accepted";
  } catch (const ExpressionError& error) {
    EXPECT_EQ(error.position(), GetParam().position) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().message));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Expression, ExpressionErrors,
    testing::Values(BadExpression{"1+bas", 2, "unknown variable bas; did you mean 'bass'"},
                    BadExpression{"1 + sine(t)", 4, "unknown function sine(); did you mean 'sin'"},
                    BadExpression{"sin t", 0, "unknown variable sint"},
                    BadExpression{"sin", 0, "sin is a function"}, BadExpression{"2*(t+1", 2, "never closed"},
                    BadExpression{"2*(t+1))", 7, "expected an operator or the end"},
                    BadExpression{"2*", 2, "expected a value, got the end"},
                    BadExpression{"", 0, "expected a value, got the end"},
                    BadExpression{"clip(t, 0)", 0, "clip() takes 3 arguments, got 2"},
                    BadExpression{"sin(t, 1)", 0, "sin() takes 1 argument, got 2"},
                    BadExpression{"t ? 1 : 0", 2, "expected an operator or the end"},
                    BadExpression{"max(t, 1 + %)", 11, "expected a value, got \"%\""},
                    BadExpression{"t+time(0)", 2, "time() is refused"},
                    BadExpression{"print(t)", 0, "print() is refused"},
                    BadExpression{"1+while)(1, t)", 2, "while is a function"},
                    BadExpression{"1+while(1, t)", 2, "while() is refused"},
                    BadExpression{"root(1+taylor(t, 0), 2)", 7, "taylor() inside root()"},
                    BadExpression{"root(sin(root (t, 1)), 1)", 9, "root() inside root()"},
                    BadExpression{std::string("t\0+1", 4), 1, "NUL"},
                    BadExpression{std::string(5000, '(') + "t" + std::string(5000, ')'), 10'000,
                                  "at most 10000 char"},
                    BadExpression{std::string(4000, '('), 100, "at most 100 levels"},
                    BadExpression{std::string(20'000, '('), 10'000, "at most 10000 characters"}));

TEST(Expression, TakesSearchesSideBySide) {
  EXPECT_NEAR(Expression("root(ld(0)-2,8) + (root(ld(0)-3,8))").at(kTime), 5, 1e-6);
}

TEST(Curve, KeyframesTakeExpressions) {
  const auto seconds = [](double value) { return TimePoint{value, TimePoint::Unit::seconds}; };
  const Curve curve({{seconds(0), 1.0}, {seconds(2), Expression("1+bass")}});
  EXPECT_DOUBLE_EQ(curve.at({2, 24, 48, 10, &kSound}), 1.9);
  EXPECT_DOUBLE_EQ(curve.at({1, 24, 24, 10, &kSound}), 1.45);
  EXPECT_FALSE(curve.is_constant());
  ASSERT_EQ(curve.expressions().size(), 1U);
  EXPECT_EQ(curve.expressions()[0]->text(), "1+bass");
  EXPECT_EQ(curve.max(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Curve(Expression("t/2")).at(kTime), 0.625);
}

TEST(Curve, ReadingOneAllocatesNothing) {
  const auto seconds = [](double value) { return TimePoint{value, TimePoint::Unit::seconds}; };
  const Curve keyframes({{seconds(0), 1.0}, {seconds(2), Expression("1+bass*sin(2*PI*t)")}});
  const Curve expression(Expression("if(gt(beat,0.5),lerp(0,1,t/T),clip(mid,0,1))"));
  const std::size_t before = allocations;
  double sum = 0;
  for (int n = 0; n < 1000; ++n) {
    const CurveTime time{n / 24.0, 24, static_cast<double>(n), 40, &kSound};
    sum += keyframes.at(time) + expression.at(time);
  }
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(std::isfinite(sum));
}

}  // namespace
}  // namespace dreamreel::curve
