// Finds the length of a video by reading all of it. This is needed for files whose header and last packets
// cannot tell, because their times may begin anew in the middle. Decodes nothing.
#pragma once

#include <cstdint>

#include "input.h"

namespace dreamreel::media {

struct Survey {
  std::int64_t packets = 0;  ///< packets of the stream
  double end_seconds = 0;    ///< end of its last packet, from the file's beginning
};

/// Reads the whole file from its start, through a context of its own. A render opens its source several
/// times, so the result is kept for the life of the process, by path, size and time of change. Any thread.
Survey survey_of(const std::filesystem::path& path, int stream);

}  // namespace dreamreel::media
