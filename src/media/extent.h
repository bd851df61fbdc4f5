// Whether a file is as long as its own structure says. A frame count in a header promises frames that may
// never have been written; a box or chunk that reaches past the file's end is sure to have been cut off.
#pragma once

#include <filesystem>

namespace dreamreel::media {

/// True if the last top-level box of an ISO file (MP4, MOV), RIFF chunk (AVI), tag (FLV), or the segment of a
/// Matroska file ends behind the file's end. False for other files, for sizes that were left open, and for
/// files that cannot be read.
bool ends_too_early(const std::filesystem::path& path);

}  // namespace dreamreel::media
