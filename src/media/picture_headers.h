// What a picture's own headers say of its colours and of which side is up, where FFmpeg passes that on for
// some formats and versions only: Exif in PNG and TIFF, the transforms of AVIF, cICP, gAMA and cHRM of PNG,
// the primaries of EXR.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dreamreel::media {

/// x and y of red, green, blue and white (CIE 1931).
using Chromaticities = std::array<double, 8>;

/// ITU-T H.273.
struct CodePoints {
  int primaries = 2, transfer = 2;
};

struct PictureHeaders {
  std::string upright;                    ///< filters that turn the picture upright; "" for none
  std::vector<std::uint8_t> icc;          ///< a colour profile that libav does not pass on
  std::optional<CodePoints> code_points;  ///< said outright
  /// Of PNG: samples are light to the power of this; nullopt: not said, or outranked by a profile or code
  /// points.
  std::optional<double> gamma;
  std::optional<Chromaticities> chromaticities;
  bool is_cmyk = false;  ///< FFmpeg turns ink into R'G'B' without a profile
};

/// Everything is optional: a damaged or unknown file has nothing to say. Bounded in time and memory by the
/// headers' size.
PictureHeaders read_picture_headers(const std::filesystem::path& path);

}  // namespace dreamreel::media
