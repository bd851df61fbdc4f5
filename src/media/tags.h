// Metadata, chapters and the embedded job of container files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "libav.h"

namespace dreamreel::media {

/// Copies title, artist, date and so on, and the video's language, from a file to an output whose header is
/// not yet written. Chapters are shifted by `start_seconds` and cut to `duration_seconds` (0: not cut).
void copy_metadata(const std::filesystem::path& from, double start_seconds, double duration_seconds,
                   AVFormatContext& output, AVStream& video);

/// Language, title and disposition of one track.
void copy_stream_tags(const AVStream& in, AVStream& out);

/// Puts the job where players show it: into a tag of its own in Matroska, and elsewhere into the comment,
/// behind the source's own comment.
void embed_job(const std::string& yaml, AVFormatContext& output);

/// The job in a container's tags.
std::optional<std::string> job_in_tags(const AVFormatContext& input);

}  // namespace dreamreel::media
