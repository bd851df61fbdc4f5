// Writes and reads plan.json, a plan as text. A plan may come from a stranger, so every number has a bound.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

std::string to_json(const Plan& plan);
/// Throws DataError for any text that to_json() did not write. The message begins with `name`.
Plan plan_from_json(std::string_view text, const std::string& name);
/// The plan in a file. Throws InputError if the file cannot be read, and DataError as plan_from_json() does.
Plan read_plan(const std::filesystem::path& path);

}  // namespace dreamreel::schedule
