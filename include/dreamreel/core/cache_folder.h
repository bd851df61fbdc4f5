// Names the folder for files that can be made again.
#pragma once

#include <filesystem>
#include <optional>

namespace dreamreel {

/// ${XDG_CACHE_HOME:-~/.cache}/dreamreel, absolute, whether it exists or not. nullopt if neither variable is
/// set.
std::optional<std::filesystem::path> cache_folder();

}  // namespace dreamreel
