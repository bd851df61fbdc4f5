// The jobs of an installed program. Their paths of samples and outputs fit the source tree. An installed
// program has no samples, and nobody may write beside its jobs, so these paths need care.
#pragma once

#include <filesystem>

#include "words.h"

namespace dreamreel::job {

/// The folder of the installed program's jobs and cards: ../share/dreamreel, seen from the executable's
/// folder. "" if this program is not installed.
std::filesystem::path shipped_folder();

/// Changes the paths that files inside `folder` give and that lie inside `folder`. The output moves to the
/// same place below the current folder. An input that does not exist is a problem. Changes nothing if
/// `folder` is "".
void settle_shipped(Value& root, const std::filesystem::path& folder, Problems& problems);

}  // namespace dreamreel::job
