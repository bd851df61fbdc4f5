// The names and versions of the libraries that this module uses.
#pragma once

#include "dreamreel/core/library_version.h"

namespace dreamreel::media {

LibraryVersions library_versions();

}  // namespace dreamreel::media
