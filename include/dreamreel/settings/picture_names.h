// What the names of pictures tell.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::settings {

/// The ending with its dot, in lower case.
std::string ending_of(const std::filesystem::path& path);

/// Whether the ending is a picture's, such as ".png". ".gif" counts, although it may be a film.
bool has_picture_ending(const std::filesystem::path& path);

/// "shot.####.exr", as other programs write numbered pictures, as "shot.%04d.exr". Other paths as they are:
/// without exactly one row of two or more signs, without a picture's ending, or of a file that exists.
std::filesystem::path with_printf_number(const std::filesystem::path& path);

/// A name for all pictures of a pattern: "walk" of "walk_%04d.png", the folder's name of "walk/%04d.png". For
/// other paths the file's name without its ending.
std::string name_without_number(const std::filesystem::path& path);

}  // namespace dreamreel::settings
