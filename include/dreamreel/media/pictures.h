// Numbered pictures as files.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::media {

/// A fingerprint of an input's content: fingerprint_of_file() of core. For a numbered sequence, it covers the
/// names, lengths, beginnings and ends of all pictures. Throws InputError.
std::string fingerprint_of_input(const std::filesystem::path& path);

}  // namespace dreamreel::media
