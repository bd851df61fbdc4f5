// The key `class` of an objective or a mask: a class by its index, or by its name in the network's label
// file.
#pragma once

#include <optional>
#include <string>

#include "dreamreel/settings/types.h"

namespace dreamreel::cards {

inline constexpr int kMostClass = 999'999;
inline constexpr const char* kClassWhat = "the index of a class or its name in the network's label file";

/// Sets either `index` or `name`, and leaves the other unchanged. Adds a problem if the value is neither.
void read_class(const settings::Site& site, std::optional<int>& index, std::string& name);
/// The value that read_class() reads; a null value if neither is set.
settings::Value class_value(const std::optional<int>& index, const std::string& name);

}  // namespace dreamreel::cards
