// How messages tell of a file that cannot be opened.
#pragma once

#include <fmt/core.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "dreamreel/core/similar_files.h"

namespace dreamreel::render {

/// "cannot open PATH: WHY", and the files with similar names if there is none of this name.
inline std::string cannot_open(const std::filesystem::path& path, const std::string& why) {
  std::error_code unreadable;
  return fmt::format("cannot open {}: {}{}", path.string(), why,
                     std::filesystem::exists(path, unreadable) ? "" : similar_files(path));
}

}  // namespace dreamreel::render
