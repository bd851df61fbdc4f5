// A number over time in FFmpeg's expression language (libavutil's av_expr:
// https://ffmpeg.org/ffmpeg-utils.html, "Expression Evaluation"), so that what an artist knows from filters
// holds here too: `0.6+0.3*sin(2*PI*t/4)`. Immutable; may be read from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/curve/curve_time.h"

namespace dreamreel::curve {

/// Longer ones could exhaust the stack, on which libavutil evaluates them.
inline constexpr std::size_t kMaxExpressionLength = 10'000;

/// What is wrong with an expression, and where.
class ExpressionError : public std::invalid_argument {
 public:
  ExpressionError(const std::string& message, std::size_t position)
      : std::invalid_argument(message), position_(position) {}
  std::size_t position() const { return position_; }  ///< index of the character, from 0

 private:
  std::size_t position_;
};

/// Variables: t (s), n (frame), fps, T (length of the job, s; 0 if unknown), p = t/T (0 if T is unknown), and
/// the sound's: loudness, bass, mid, treble, onset, beat. Constants PI, E, PHI; every function of
/// libavutil but time(), print() and while(), which may never end. root() and taylor(), which try their
/// argument a thousand times, do not stand inside each other. At most kMaxExpressionLength characters, none
/// of them NUL. What st() stores and random() draws lasts for one evaluation, so a value depends on its own
/// frame alone; `st(0,n); random(0)` is another number in every frame.
class Expression {
 public:
  /// Throws ExpressionError.
  explicit Expression(std::string text);

  /// Not finite where the expression is not (1/0). Allocates nothing, but for expressions with st(),
  /// random(), root() or taylor(), which are parsed afresh. Sound variables are 0 where time.sound is null.
  double at(const CurveTime& time) const;

  const std::string& text() const { return text_; }
  const std::vector<std::string>& variables() const {
    return variables_;
  }  ///< that it reads, sorted, each once
  /// About what evaluating it once costs, in characters: root() and taylor() take up to a thousand steps.
  std::int64_t cost() const { return cost_; }
  bool uses_sound() const;
  bool operator==(const Expression& other) const { return text_ == other.text_; }

 private:
  struct Compiled;
  std::string text_;
  std::vector<std::string> variables_;
  std::int64_t cost_ = 1;
  bool stores_ = false;
  std::shared_ptr<const Compiled> compiled_;
};

/// Every variable an expression may read, those of the sound last.
const std::vector<std::string>& expression_variables();
/// Those that need sound.
const std::vector<std::string>& sound_variables();

}  // namespace dreamreel::curve
