// Where the pieces of a pass's memory lie. Each piece is in use only for a while, so pieces can share memory.
#pragma once

#include <cstdint>
#include <deque>

namespace dreamreel::network {

/// A piece of Pass::memory that is in use for a while.
struct Region {
  std::int64_t bytes = 0, offset = 0;
  int begin = 0, end = 0;  ///< first and last moment, both included
};

/// Gives every region that is ever used an offset, aligned to a cache line. Two regions that are in use at
/// the same time never overlap. Returns the bytes that all regions take together.
std::int64_t place_regions(std::deque<Region>& regions);

}  // namespace dreamreel::network
