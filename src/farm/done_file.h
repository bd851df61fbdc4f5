// The file that says a chunk is done. It comes last, so that its parts are whole when it is there.
#pragma once

#include <vector>

#include "dreamreel/farm/farm.h"

namespace dreamreel::farm {

std::vector<schedule::Piece> pieces_of(const schedule::Plan& plan, std::size_t chunk);
/// Whether the file is there and of this plan; the parts are not looked at.
bool says_done(const Farm& farm, std::size_t chunk);

}  // namespace dreamreel::farm
