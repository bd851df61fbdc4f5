// Names a library that a module links, as `dreamreel --version` shows it.
#pragma once

#include <string>
#include <vector>

namespace dreamreel {

struct LibraryVersion {
  std::string name;     ///< the project's own name: "FFmpeg"
  std::string version;  ///< version of the loaded library, if the library tells it: "5.1.6-0+deb12u1"
};
using LibraryVersions = std::vector<LibraryVersion>;

}  // namespace dreamreel
