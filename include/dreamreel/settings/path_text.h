// Paths as people write them.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::settings {

/// Why a text cannot be a path: it is a URL. "" if it may be one.
std::string why_no_path(const std::string& text);

/// The path, where "~/" at its beginning stands for $HOME. A folder that is called "~" is "./~".
std::filesystem::path with_home(const std::string& text);

}  // namespace dreamreel::settings
