// Numbers in messages for people.
#pragma once

#include <cstdio>
#include <string>

namespace dreamreel::report {

/// The number with six digits at most: "0.333333", "1e+09".
inline std::string rounded_text(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

}  // namespace dreamreel::report
