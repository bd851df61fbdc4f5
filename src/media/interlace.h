// Tells whether each frame of a clip holds two moments, one in the even rows and one in the odd rows.
#pragma once

#include <string>

#include "dreamreel/media/reader.h"

namespace dreamreel::media {

/// Reads the flag of the file. If the flag says "interlaced", also looks at the first seconds: film is often
/// stored as if it were interlaced (PsF, DVDs), and then has no combs. For a progressive clip, decodes three
/// frames.
bool is_interlaced(const ReaderOptions& options);

/// Whether a filter chain has a filter that makes whole frames of fields, or takes them apart.
bool deinterlaces(const std::string& filter);

}  // namespace dreamreel::media
