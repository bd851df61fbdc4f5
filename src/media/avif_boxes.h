// The properties of an AVIF file's main picture that FFmpeg before 7 leaves out: how it is turned and its
// colour profile (ISO 23008-12, 6.5; the boxes' form: ISO 14496-12, 8.11).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::media {

struct AvifProperties {
  int quarter_turns = 0;  ///< anticlockwise, applied first
  int mirror = -1;        ///< 0: top and bottom change places; 1: left and right do; -1: none
  std::vector<std::uint8_t> icc;
};

/// Empty if the file has no such boxes.
AvifProperties read_avif_properties(const std::filesystem::path& path);

/// The properties as filters; "" for none.
std::string upright_filters_of(const AvifProperties& properties);

}  // namespace dreamreel::media
