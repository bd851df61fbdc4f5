// The versions of all libraries that do the program's work.
#pragma once

#include "dreamreel/core/library_version.h"

namespace dreamreel::study {

/// "FFmpeg 5.1.6, LibTorch 1.13.0, ...". It is one line, because people copy it into reports.
std::string library_versions();

}  // namespace dreamreel::study
