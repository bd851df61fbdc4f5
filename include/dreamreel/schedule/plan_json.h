// plan.json: a plan as text. What is read was written by a stranger, so every number has a bound.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

std::string to_json(const Plan& plan);
/// Throws DataError that begins with `name` for anything that to_json() did not write.
Plan plan_from_json(std::string_view text, const std::string& name);
/// plan_from_json() of a file; InputError if it cannot be read.
Plan read_plan(const std::filesystem::path& path);

}  // namespace dreamreel::schedule
