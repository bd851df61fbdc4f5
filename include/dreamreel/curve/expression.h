// A number over time in FFmpeg's expression language (libavutil's av_expr:
// https://ffmpeg.org/ffmpeg-utils.html, "Expression Evaluation"). Artists know this language from filters:
// `0.6+0.3*sin(2*PI*t/4)`. Immutable; may be read from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/curve/curve_time.h"

namespace dreamreel::curve {

/// libavutil evaluates expressions on the stack, and a longer one could exhaust it.
inline constexpr std::size_t kMaxExpressionLength = 10'000;
/// The most variables of the job's own that one expression may read.
inline constexpr std::size_t kMostOwnVariables = 64;

/// The mistake in an expression, and its place.
class ExpressionError : public std::invalid_argument {
 public:
  ExpressionError(const std::string& message, std::size_t position)
      : std::invalid_argument(message), position_(position) {}
  std::size_t position() const { return position_; }  ///< index of the character, from 0

 private:
  std::size_t position_;
};

/// Variables: t (s), n (frame), fps, T (length of the job, s; 0 if unknown), p = t/T (0 if T is unknown), the
/// variables of the sound (kSoundVariables in core/sound_levels.h) and of the job. Constants: PI, E, PHI.
/// Functions: all of libavutil, except time(), print() and while(), which may never end. root() and taylor()
/// try their argument a thousand times, so neither may stand inside the other. At most kMaxExpressionLength
/// characters, and no NUL. Values of st() and numbers of random() last for one evaluation, so a result
/// depends on its own frame alone. `st(0,n); random(0)` gives a new number in every frame.
class Expression {
 public:
  /// Throws ExpressionError for a text that libavutil does not accept, or that breaks the rules above.
  /// `own`: the variables that the job names itself.
  explicit Expression(std::string text, const std::vector<OwnVariable>& own = {});

  /// May be infinite or not-a-number (1/0). Allocates nothing, except for expressions with st(), random(),
  /// root() or taylor(), which are parsed anew each time. Levels are 0 if time.sound is null, counts of
  /// beats if time.beats is null, and the job's own variables if time.own is null.
  double at(const CurveTime& time) const;

  const std::string& text() const { return text_; }
  const std::vector<std::string>& variables() const {
    return variables_;
  }  ///< the variables that it reads, sorted, each once
  /// The variables of the job's own among them.
  const std::vector<OwnVariable>& own_variables() const { return own_; }
  /// The approximate cost of one evaluation, in characters. root() and taylor() take up to a thousand steps.
  std::int64_t cost() const { return cost_; }
  bool uses_sound() const;                             ///< reads the job's sound; its stems are no part of it
  bool counts_beats() const { return counts_beats_; }  ///< reads beats, bar, phrase or a series in beats
  bool operator==(const Expression& other) const { return text_ == other.text_; }

 private:
  struct Compiled;
  std::string text_;
  std::vector<std::string> variables_;
  std::vector<OwnVariable> own_;
  std::int64_t cost_ = 1;
  bool stores_ = false;
  bool counts_beats_ = false;
  std::shared_ptr<const Compiled> compiled_;
};

/// Every variable that an expression may read. The variables of the sound come last.
const std::vector<std::string>& expression_variables();
/// The variables that need sound.
const std::vector<std::string>& sound_variables();

/// The reason why a job may not give a series this name, because expressions could not read it; "" if it may.
/// The name of a stem stands before a dot, so it may be one of a built-in variable: `is_stem`.
std::string why_no_name(const std::string& name, bool is_stem);

}  // namespace dreamreel::curve
