#pragma once

#include <filesystem>
#include <optional>

namespace dreamreel::media {

/// How many seconds the best sound track of a file plays, as the file's header says; nothing is decoded.
/// nullopt if the file has no sound, or if its header does not say the length. Any thread. Throws InputError
/// for a file that cannot be read.
std::optional<double> sound_length(const std::filesystem::path& path);

/// Throws InputError for a file that has no sound, or that cannot be read.
void expect_sound(const std::filesystem::path& path);

}  // namespace dreamreel::media
