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
};
std::vector<Name> names_in(std::string_view text);

/// The first mistake in a text that libavutil did not accept.
ExpressionError explain(std::string_view text);

}  // namespace dreamreel::curve
