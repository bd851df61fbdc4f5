// Keys that stand in for each other: what a younger text says of one of them takes back what an older one said
// of the others.
#pragma once

#include <string>

#include "value.h"

namespace dreamreel::job {

/// Takes out of `base`, the map at `path`, what `over` replaces without naming it: input.noise where `over` has
/// input.path and the other way round, and how a mask is made where `over` makes it in another way.
void drop_what_is_replaced(Value& base, const Value& over, const std::string& path);

}  // namespace dreamreel::job
