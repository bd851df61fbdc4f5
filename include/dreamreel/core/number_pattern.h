// Names of numbered pictures: "%06d.png".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dreamreel {

/// A file name with exactly one printf number: %d, %4d, %06d. "%%" stands for a percent sign.
struct NumberedName {
  std::string before, after;  ///< around the number, with single percent signs
  std::size_t digits = 1;     ///< least number of digits
};

/// nullopt if `name`, a file name without its folder, holds no such number or several.
std::optional<NumberedName> parse_numbered_name(std::string_view name);

}  // namespace dreamreel
