// What was meant by the name of a file that is not there.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel {

/// "; did you mean 'walk.mp4'?", with at most three names of the folder of `missing` that are nearest to its
/// name, or "". A name is near if its stem (the name without its extension) is the same, contains the other,
/// or differs in at most a third of its letters. Hidden files are left out. Of a folder, the first 10,000
/// names count. Throws nothing if the folder cannot be read.
std::string similar_files(const std::filesystem::path& missing);

}  // namespace dreamreel
