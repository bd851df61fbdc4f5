// The libraries that a module links, as `dreamreel --version` shows them.
#pragma once

#include <string>
#include <vector>

namespace dreamreel {

struct LibraryVersion {
  std::string name;     ///< as the project calls itself: "FFmpeg"
  std::string version;  ///< of the library that is loaded, where the library can say it: "5.1.6-0+deb12u1"
};
using LibraryVersions = std::vector<LibraryVersion>;

}  // namespace dreamreel
