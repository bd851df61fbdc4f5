// Warnings that a person should see before anything is rendered: what will look wrong, and what the output
// cannot keep. They are sentences for the log, and the same for `check` and `render`. Pure, any thread.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/media/reader.h"
#include "dreamreel/media/writer.h"

namespace dreamreel::media {

/// Warnings about the source itself: interlaced frames that no filter takes apart. `info` comes from a Reader
/// with these options. Opens the file and decodes some frames. Throws what Reader throws.
std::vector<std::string> source_warnings(const ReaderOptions& options, const VideoInfo& info);

/// Warnings about losses on the way: high dynamic range or wide colours that the output cannot mark, levels,
/// Dolby Vision, HDR10+, alpha. Opens nothing. Throws JobError for an output whose format is unknown.
std::vector<std::string> output_warnings(const ReaderOptions& source, const VideoInfo& info,
                                         const WriterOptions& output);

}  // namespace dreamreel::media
