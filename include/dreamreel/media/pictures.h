// What numbered pictures are as files.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::media {

/// Tells the content of an input from any other: core's fingerprint_of_file(), and for a numbered sequence that of all its
/// pictures' names, lengths and ends. Throws InputError.
std::string fingerprint_of_input(const std::filesystem::path& path);

}  // namespace dreamreel::media
