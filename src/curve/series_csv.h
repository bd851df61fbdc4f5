// Tables of text: CSV with commas, semicolons, tabs or blanks between columns.
#pragma once

#include <string_view>
#include <vector>

#include "series_table.h"

namespace dreamreel::curve {

/// Reads all of the series in one go through the text.
void read_csv(std::string_view text, std::vector<SeriesReading>& readings);

}  // namespace dreamreel::curve
