// Two resolved jobs compared key by key.
#pragma once

#include <string>
#include <vector>

namespace dreamreel::schedule {

/// Adds each key whose value differs to the list: "dream.step: 1.5, now 2".
void add_yaml_differences(const std::string& before, const std::string& now, std::vector<std::string>& list);

}  // namespace dreamreel::schedule
