// Runs the program under test many times, and loads its libraries once.
#pragma once

#include <string>
#include <vector>

#include "support/files.h"

namespace dreamreel::test {

/// Runs the program `executable` of the folder that also has its engine, as run_process() does. With
/// $DREAMREEL_WARM_START, the file of warm_start.cpp's library, one engine loads LibTorch, which takes a
/// second, and forks for each run. A run whose environment differs from the first one's in a variable that
/// libraries read while they are loaded, or that the front program may answer by itself (`farm chunk`),
/// starts as it does for people. Not for several threads at once.
ProcessResult run_engine(const std::string& executable, const std::vector<std::string>& arguments);

}  // namespace dreamreel::test
