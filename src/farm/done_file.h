// The file that marks a chunk as done. It is written last, so if it exists, the chunk's parts are whole.
#pragma once

#include <vector>

#include "dreamreel/farm/farm.h"

namespace dreamreel::farm {

std::vector<schedule::Piece> pieces_of(const schedule::Plan& plan, std::size_t chunk);
/// Whether the file exists and belongs to this plan. Does not look at the parts.
bool says_done(const Farm& farm, std::size_t chunk);

}  // namespace dreamreel::farm
