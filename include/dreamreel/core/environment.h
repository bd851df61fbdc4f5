// Reads environment variables.
#pragma once

#include <string>

namespace dreamreel {

/// The variable's value; "" if it is not set.
std::string environment(const char* name);

}  // namespace dreamreel
