// Compares two resolved jobs key by key.
#pragma once

#include <string>
#include <vector>

namespace dreamreel::schedule {

/// Adds a text to the list for each key whose value differs: "dream.step: 1.5, now 2".
void add_yaml_differences(const std::string& before, const std::string& now, std::vector<std::string>& list);

}  // namespace dreamreel::schedule
