// Says where jobs, looks, networks and their cards are found, and which overrides are laid over a job file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/cards/find_network.h"

namespace dreamreel::job {

/// Where things are found, and what is laid over the files.
struct LoadOptions : cards::Folders {
  std::vector<std::string> overrides;               ///< "dream.step=2"; applied in order, parsed as YAML
  std::vector<std::filesystem::path> look_folders;  ///< folders that are searched for looks by name
  std::vector<std::filesystem::path> job_folders;   ///< and after them for shared jobs such as "base"
};

/// The usual folders. Cards are searched in $DREAMREEL_CARDS (colon-separated), then beside the running
/// program (../share/dreamreel/networks), then in the source tree. Their files are searched in
/// $DREAMREEL_NETWORKS (colon-separated), then in ${XDG_CACHE_HOME:-~/.cache}/dreamreel/networks, then beside
/// the card. Looks are searched in $DREAMREEL_LOOKS (colon-separated), then beside the running program
/// (../share/dreamreel/configs/looks), then in the source tree.
LoadOptions default_load_options();

}  // namespace dreamreel::job
