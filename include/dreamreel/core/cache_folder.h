// Names the folder for files that can be made again.
#pragma once

#include <filesystem>
#include <optional>

namespace dreamreel {

/// ${XDG_CACHE_HOME:-~/.cache}/dreamreel, absolute, whether it exists or not. nullopt if neither variable is
/// set.
std::optional<std::filesystem::path> cache_folder();

/// The same, or a folder among temporary files if neither variable is set. Throws IoError if there is no
/// folder for them.
std::filesystem::path cache_or_temporary_folder();

}  // namespace dreamreel
