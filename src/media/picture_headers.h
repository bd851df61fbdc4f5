// Facts about colours and orientation in a picture's own headers. FFmpeg passes them on only for some formats
// and in some versions: Exif in PNG and TIFF, the transforms of AVIF, cICP, gAMA and cHRM of PNG, the
// primaries of EXR.
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

/// Code points of ITU-T H.273; 2 is unspecified.
struct CodePoints {
  int primaries = 2, transfer = 2;
};

struct PictureHeaders {
  std::string upright;                    ///< filters that turn the picture upright; "" for none
  std::vector<std::uint8_t> icc;          ///< a colour profile that libav does not pass on
  std::optional<CodePoints> code_points;  ///< stated directly
  /// For PNG: samples are light to the power of this number. nullopt if the header does not give it, or if a
  /// profile or code points have precedence.
  std::optional<double> gamma;
  std::optional<Chromaticities> chromaticities;
  bool is_cmyk = false;  ///< FFmpeg turns ink into R'G'B' without a profile
};

/// Reads the headers of a picture. A damaged or unknown file gives no facts. Time and memory are bounded by
/// the size of the headers.
PictureHeaders read_picture_headers(const std::filesystem::path& path);

}  // namespace dreamreel::media
