// A short piece of a file's sound, for a page that plays it.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::media {

/// The longest excerpt, in seconds.
constexpr double kLongestExcerpt = 60;

/// The bytes of a WAV file: stereo, 16 bits, 48 kHz, from `start_seconds` of the file's best sound track on.
/// Channels beyond left and right are mixed in. It is silent where the sound has not begun, or has ended.
/// Lengths are limited to kLongestExcerpt. Throws InputError for a file that is unreadable, or has no sound
/// that can be decoded.
std::string sound_excerpt(const std::filesystem::path& path, double start_seconds, double seconds);

}  // namespace dreamreel::media
