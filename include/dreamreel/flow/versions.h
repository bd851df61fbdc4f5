// The libraries of this module.
#pragma once

#include "dreamreel/core/library_version.h"

namespace dreamreel::flow {

LibraryVersions library_versions();

}  // namespace dreamreel::flow
