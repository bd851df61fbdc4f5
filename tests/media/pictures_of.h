// Makes pictures with all kinds of headers, byte by byte. Photos have such headers, but FFmpeg cannot write
// them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dreamreel::test {

/// `value` in `count` bytes.
std::string big_endian(std::uint64_t value, int count);
std::string little_endian(std::uint64_t value, int count);

/// A PNG of one colour, 8 bits, with more chunks before its pixels: {"eXIf", content}.
std::string png_of(int width, int height, std::array<int, 3> colour,
                   const std::vector<std::pair<std::string, std::string>>& chunks);

/// A TIFF, as FFmpeg writes it, with more tags of one number in its directory. `type` is TIFF's: 3 for 16
/// bits, 4 for 32.
std::string tiff_with_tags(std::string tiff, const std::vector<std::pair<int, std::uint32_t>>& tags,
                           int type = 4);

/// Exif with an orientation alone.
std::string exif_of(int orientation);

/// An ICC profile of matrix and curve: primaries as D50-adapted XYZ of red, green and blue, a power law.
std::string rgb_profile(const std::array<std::array<double, 3>, 3>& xyz, double gamma);
std::string grey_profile(double gamma);
std::string display_p3_profile();
/// sRGB's own primaries and its curve of two pieces.
std::string srgb_profile();

/// zlib data without compression.
std::string stored_zlib(const std::string& bytes);

/// An EXR of 32-bit floats, all pixels alike; `attributes` go into the header.
std::string exr_of(int width, int height, std::array<float, 3> colour, const std::string& attributes = "");

}  // namespace dreamreel::test
