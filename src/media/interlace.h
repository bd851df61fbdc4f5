// Whether a clip's frames hold two moments each, one in the even rows and one in the odd ones.
#pragma once

#include <string>

#include "dreamreel/media/reader.h"

namespace dreamreel::media {

/// What the file says, and where it says "interlaced" what the first seconds look like: film is often stored
/// as if it were interlaced (PsF, DVDs), and then has no combs. Decodes three frames of a progressive clip.
bool is_interlaced(const ReaderOptions& options);

/// Whether a filter chain has a filter that makes whole frames of fields, or takes them apart.
bool deinterlaces(const std::string& filter);

}  // namespace dreamreel::media
