// Inputs as files: numbered pictures, and chains of filters.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::media {

/// A fingerprint of an input's content: fingerprint_of_file() of core. For a numbered sequence, it covers the
/// names, lengths, beginnings and ends of all pictures. Throws InputError.
std::string fingerprint_of_input(const std::filesystem::path& path);

/// Whether each output frame of a chain of filters depends on only one input frame. If so, no frame depends
/// on where the source ends. False in cases of doubt.
bool filter_forgets(const std::string& filter);

}  // namespace dreamreel::media
