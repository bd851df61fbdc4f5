// Stores one frame exactly, as a 16-bit PNG. A render that was killed resumes from such frames. The file
// carries a label and a checksum of its levels, so that a torn, flipped or foreign file is never mistaken for
// a frame. It is not compressed, because the low bits of a dream are noise. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dreamreel::media {

/// Interleaved 16-bit RGB, row by row (image::to_rgb48).
struct StoredFrame {
  int width = 0, height = 0;
  std::vector<std::uint16_t> rgb;
  std::string note{};  ///< goes along, and is covered by the checksum
};

/// Writes aside and renames. The file is not synced; load_frame() detects a file that a power cut has torn.
/// Throws IoError.
void store_frame(const std::filesystem::path& path, const StoredFrame& frame, const std::string& label);

/// Whether a file is surely not a person's: it is a stored frame (whole, torn or damaged) whose label begins
/// with `label_start`. An empty file counts too, because a power cut may leave it.
bool is_stored_frame(const std::filesystem::path& path, std::string_view label_start);

/// Loads a stored frame. nullopt if the file does not exist, is not whole, or was stored with another label.
std::optional<StoredFrame> load_frame(const std::filesystem::path& path, const std::string& label);

}  // namespace dreamreel::media
