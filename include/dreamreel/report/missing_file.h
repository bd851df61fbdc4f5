// How messages tell of a file that cannot be opened.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::report {

/// "cannot open PATH: WHY", and the files with similar names if there is none of this name.
std::string cannot_open(const std::filesystem::path& path, const std::string& why);

}  // namespace dreamreel::report
