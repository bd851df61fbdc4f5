// Why libavutil refused an expression: it only says that it did. This walks the same grammar and says what stands
// where; it explains, it never decides.
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
  bool is_inside_search = false;  ///< of a root() or taylor(); what names_in() gives says so
};
std::vector<Name> names_in(std::string_view text);

/// The first thing that is wrong with a text that libavutil did not accept.
ExpressionError explain(std::string_view text);

}  // namespace dreamreel::curve
