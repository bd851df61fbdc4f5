#include "dreamreel/core/number_pattern.h"

#include <algorithm>

namespace dreamreel {
namespace {

// Removes and returns the text before a single percent sign, or the whole text.
std::string take_plain(std::string_view& rest) {
  std::string text;
  while (!rest.empty()) {
    const bool escaped = rest.starts_with("%%");
    if (rest[0] == '%' && !escaped) break;
    text += rest[0];
    rest.remove_prefix(escaped ? 2 : 1);
  }
  return text;
}

// Removes "%d", "%4d" or "%06d" from the front, and returns the least number of digits. nullopt if the text
// does not begin with one of them.
std::optional<std::size_t> take_number(std::string_view& rest) {
  constexpr std::size_t kMostDigits = 2;  // of the number's width
  if (!rest.starts_with('%')) return {};
  rest.remove_prefix(rest.starts_with("%0") ? 2 : 1);
  std::size_t width = 0;
  for (std::size_t i = 0; i < kMostDigits && !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; ++i) {
    width = width * 10 + static_cast<std::size_t>(rest[0] - '0');
    rest.remove_prefix(1);
  }
  if (!rest.starts_with('d')) return {};
  rest.remove_prefix(1);
  return std::max<std::size_t>(width, 1);
}

}  // namespace

std::optional<NumberedName> parse_numbered_name(std::string_view name) {
  NumberedName parsed;
  parsed.before = take_plain(name);
  const auto digits = take_number(name);
  if (!digits) return {};
  parsed.digits = *digits;
  parsed.after = take_plain(name);
  if (!name.empty()) return {};  // a second number
  return parsed;
}

}  // namespace dreamreel
