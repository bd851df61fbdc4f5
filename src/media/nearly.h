// Recognises the beginning of our own files, even after a bad disk has changed a byte or two.
#pragma once

#include <cstddef>
#include <string_view>

namespace dreamreel::media {

/// Whether `text` begins with `wanted`, except for at most two bytes. `wanted` must be long enough that no
/// other file comes close.
inline bool is_nearly(std::string_view text, std::string_view wanted) {
  constexpr std::size_t kMostDamaged = 2;
  if (text.size() < wanted.size()) return false;
  std::size_t damaged = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) damaged += text[i] != wanted[i] ? 1 : 0;
  return damaged <= kMostDamaged;
}

}  // namespace dreamreel::media
