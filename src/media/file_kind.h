// What a file is by its content, whatever its name: one picture, or something that libav has to open by
// itself. And for files that FFmpeg cannot read, or reads as something that nobody wants to see, the reason
// in a person's words.
#pragma once

#include <filesystem>
#include <string>

#include "libav.h"

namespace dreamreel::media {

struct FileKind {
  /// One picture: to be opened whole, with the codec. Else a container, or unknown.
  bool is_picture = false;
  AVCodecID codec = AV_CODEC_ID_NONE;  ///< of the picture; AV_CODEC_ID_NONE where only the demuxer is known
  const AVInputFormat* demuxer = nullptr;  ///< by content, where the name would mislead libav; else nullptr
};

/// Looks at the first bytes of a file; of a JPEG that is not named as a picture at its first three pictures.
FileKind kind_of_file(const std::filesystem::path& path);

/// "HEIC photos cannot be read ...; convert it ...": why a file that could not be opened or decoded could not
/// be, "" if its content does not tell.
std::string why_unreadable(const std::filesystem::path& path);

/// InputError for a camera's raw file: FFmpeg shows the thumbnail in it, or undeveloped samples.
void refuse_camera_raw(const std::filesystem::path& path);

}  // namespace dreamreel::media
