// Which frames are dreamed and which are filled in between (temporal.every).
#pragma once

#include <cstdint>

#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// Whether a frame of a loop is one of two twins, or in the crossfade: such frames are all dreamed, and none is held.
bool is_of_twins(const Loop& loop, std::int64_t frame);

/// Of a piece: every k-th frame from its first one on, and its last. A loop's run-in, and the frames that are pulled towards
/// it, are all dreamed, so that each has its twin.
class Cadence {
 public:
  Cadence(int every, const Loop& loop) : every_(every), loop_(loop) {}

  bool is_dreamed(const Piece& piece, std::int64_t frame) const;
  /// The last dreamed frame before `frame`; below piece.start if there is none.
  std::int64_t dreamed_before(const Piece& piece, std::int64_t frame) const;
  /// Dreamed frames among begin..end of the piece.
  std::int64_t count(const Piece& piece, std::int64_t begin, std::int64_t end) const;

 private:
  int every_;
  Loop loop_;
};

}  // namespace dreamreel::schedule
