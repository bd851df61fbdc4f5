// Tells from a file's content, and not from its name, whether it is one picture or a file that libav has to
// open by itself. For files that FFmpeg cannot read, or reads as something useless, gives the reason in plain
// words.
#pragma once

#include <filesystem>
#include <string>

#include "libav.h"

namespace dreamreel::media {

struct FileKind {
  /// One picture, to be opened as a whole with the codec. Otherwise a container, or unknown.
  bool is_picture = false;
  AVCodecID codec = AV_CODEC_ID_NONE;  ///< the picture's codec; AV_CODEC_ID_NONE if only the demuxer is known
  const AVInputFormat* demuxer = nullptr;  ///< set by content if the name would mislead libav; else nullptr
};

/// Looks at the first bytes of a file. For a JPEG that is not named as a picture, looks at its first three
/// pictures.
FileKind kind_of_file(const std::filesystem::path& path);

/// The reason why a file could not be opened or decoded, such as "HEIC photos cannot be read ...; convert it
/// ...". "" if the content does not tell.
std::string why_unreadable(const std::filesystem::path& path);

/// Throws InputError for a camera's raw file, because FFmpeg would show its thumbnail, or undeveloped
/// samples.
void refuse_camera_raw(const std::filesystem::path& path);

}  // namespace dreamreel::media
