// What a person is to know before anything is rendered: what in a source will look wrong, and what of it the
// output cannot keep. Sentences for the log; the same for a look at a job as for its render. Pure, any
// thread.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/media/reader.h"
#include "dreamreel/media/writer.h"

namespace dreamreel::media {

/// About the source itself: interlaced frames that no filter takes apart. `info` is what a Reader with these
/// options says. Opens the file and decodes some frames. Throws what Reader throws.
std::vector<std::string> source_warnings(const ReaderOptions& options, const VideoInfo& info);

/// About what gets lost on the way: high dynamic range or wide colours where the output cannot say so,
/// levels, Dolby Vision, HDR10+. Opens nothing. Throws JobError for an output whose format is unknown.
std::vector<std::string> output_warnings(const ReaderOptions& source, const VideoInfo& info,
                                         const WriterOptions& output);

}  // namespace dreamreel::media
