// Words as one text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dreamreel::app {

inline std::string joined(const std::vector<std::string>& words, std::string_view between = ", ") {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

}  // namespace dreamreel::app
