// The key `class` of an objective and of a mask: a class by its index, or by its name in the network's label file.
#pragma once

#include <optional>
#include <string>

#include "types.h"

namespace dreamreel::job {

inline constexpr int kMostClass = 999'999;
inline constexpr const char* kClassWhat = "the index of a class or its name in the network's label file";

/// Sets one of both and leaves the other as it is; says so where the value is neither.
void read_class(const Site& site, std::optional<int>& index, std::string& name);
/// As read_class() reads it; no value for no class.
Value class_value(const std::optional<int>& index, const std::string& name);

}  // namespace dreamreel::job
