// The libraries of this module.
#pragma once

#include "dreamreel/core/library_version.h"

namespace dreamreel::media {

LibraryVersions library_versions();

}  // namespace dreamreel::media
