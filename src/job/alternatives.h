// Keys that exclude each other. If a younger text sets one of them, it takes back the others that an older
// text set.
#pragma once

#include <string>

#include "words.h"

namespace dreamreel::job {

/// Removes everything from `base`, the map at `path`, that `over` replaces without naming it. input.path and
/// input.noise replace each other. So do dream.octaves and dream.motif. A mask made in another way replaces
/// all keys of the older way.
void drop_what_is_replaced(Value& base, const Value& over, const std::string& path);

}  // namespace dreamreel::job
