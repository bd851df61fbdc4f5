// Jobs that come with an installed program. They say where their samples lie and where their dreams go as the source
// tree has it; installed, there are no samples, and nobody writes beside the jobs.
#pragma once

#include <filesystem>

#include "problems.h"
#include "value.h"

namespace dreamreel::job {

/// The folder of the installed program's jobs and cards (../share/dreamreel beside the folder of the executable), or
/// "" where this program is not installed.
std::filesystem::path shipped_folder();

/// For what files inside `folder` say of paths inside it: an output goes to the same place below the current folder,
/// and an input that is not there is a problem. Leaves everything alone where `folder` is "".
void settle_shipped(Value& root, const std::filesystem::path& folder, Problems& problems);

}  // namespace dreamreel::job
