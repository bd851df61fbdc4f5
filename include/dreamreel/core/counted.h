// Numbers with their noun, for messages: "1 frame", "2 frames".
#pragma once

#include <cstdint>
#include <string>

namespace dreamreel {

/// `noun` is the singular of a noun whose plural ends in s.
inline std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace dreamreel
