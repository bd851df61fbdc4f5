// Finds a look, or a job that ships with the program, by its name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "dreamreel/job/load_options.h"

namespace dreamreel::job {

/// The file of a look or a shared job; nullopt where there is none of that name.
std::optional<std::filesystem::path> look_file(const std::string& name, const LoadOptions& options);

/// "expected the name of a look ..., got 'agaet'; did you mean 'agate'?"
std::string expected_look(const std::string& name, const LoadOptions& options);

}  // namespace dreamreel::job
