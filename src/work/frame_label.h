// The texts that stored frames carry.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace dreamreel::work {

inline constexpr std::string_view kLabelStart = "dreamreel ";

/// `what`: "dream", "output" or "backward".
inline std::string frame_label(const std::string& key, std::int64_t index, const char* what) {
  return fmt::format("{}key {} frame {} {}", kLabelStart, key, index, what);
}

}  // namespace dreamreel::work
