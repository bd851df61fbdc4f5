// Lists in JSON: of numbers, of lists, or of objects such as Parseq's rendered_frames.
#pragma once

#include <string_view>
#include <vector>

#include "series_table.h"

namespace dreamreel::curve {

/// Reads all of the series in one go through the text.
void read_json(std::string_view text, std::vector<SeriesReading>& readings);

}  // namespace dreamreel::curve
