// Explains why libavutil refused an expression, because libavutil only says that it did. This code walks the
// same grammar and finds the place of the mistake. It never decides whether an expression is valid.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/curve/expression.h"

namespace dreamreel::curve {

/// Every name in `text`, which libavutil accepts, with its place: variables, constants and functions. Throws
/// ExpressionError for a function without its "(", which libavutil lets pass.
struct Name {
  std::string text;
  std::size_t position = 0;
  bool is_function = false;       ///< "(" follows
  bool is_inside_search = false;  ///< inside a root() or taylor(); set by names_in()
  bool is_own = false;            ///< a variable that the job names itself
};
std::vector<Name> names_in(std::string_view text, const std::vector<OwnVariable>& own);

/// The same for a text that libavutil may refuse; never throws.
std::vector<Name> words_in(std::string_view text, const std::vector<OwnVariable>& own);

/// The first mistake in a text that libavutil did not accept.
ExpressionError explain(std::string_view text, const std::vector<OwnVariable>& own);

/// Letters, digits and _, beginning with a letter or _.
bool is_word(std::string_view name);
/// Whether libavutil takes the beginning of the name for a number: "inf...", "nan...".
bool reads_as_number(const std::string& name);
/// A function or a constant.
bool is_known_to_libavutil(std::string_view name);

}  // namespace dreamreel::curve
