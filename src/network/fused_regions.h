// Where the pieces of a pass's memory lie that are in use for a while each.
#pragma once

#include <cstdint>
#include <deque>

namespace dreamreel::network {

/// A piece of Pass::memory, in use for a while.
struct Region {
  std::int64_t bytes = 0, offset = 0;
  int begin = 0, end = 0;  ///< first and last moment, both included
};

/// Gives every region that is ever used an offset, aligned to a cache line, so that no two in use at the same time
/// overlap. Returns the bytes that all of them take together.
std::int64_t place_regions(std::deque<Region>& regions);

}  // namespace dreamreel::network
