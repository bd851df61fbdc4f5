// Which frames are dreamed, which are filled in between (temporal.every), and which older dreams they lean on.
#pragma once

#include <cstdint>
#include <vector>

#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// Whether a frame of a loop is one of two twins, or in the crossfade: such frames are all dreamed, and none is held.
bool is_of_twins(const Loop& loop, std::int64_t frame);

/// Of a piece: every k-th frame from its first one on, and its last. A loop's run-in, and the frames that are pulled towards
/// it, are all dreamed, so that each has its twin.
///
/// With a memory of m frames, a dreamed frame leans on older dreams beside the last one. Let j count the dreamed
/// frames. For each power 2^v up to the first one over m, frame j leans on the last multiple of 2^v that is 2^v
/// frames old or older. So there is one past for each power of two, and a past that was left out is never needed
/// again. A place that was hidden for L frames, L up to m, has a past from before that, at most four times as old.
class Cadence {
 public:
  /// `memory`: frames; 0: a frame leans on the last dream alone.
  Cadence(int every, const Loop& loop, std::int64_t memory = 0)
      : every_(every), loop_(loop), memory_(memory) {}

  bool remembers() const { return memory_ > 0; }
  bool is_dreamed(const Piece& piece, std::int64_t frame) const;
  /// The last dreamed frame before `frame`; below piece.start if there is none.
  std::int64_t dreamed_before(const Piece& piece, std::int64_t frame) const;
  /// The older dreams that the first dreamed frame from `frame` on leans on, nearest first; all of them lie before
  /// dreamed_before(). Kept frames lean on kept ones alone, since nothing else is stored. The twins of a loop have none.
  std::vector<std::int64_t> older_pasts(const Piece& piece, std::int64_t frame) const;
  /// How many of them there can be.
  int most_older_pasts() const;
  /// Dreamed frames among begin..end of the piece.
  std::int64_t count(const Piece& piece, std::int64_t begin, std::int64_t end) const;

 private:
  int every_;
  Loop loop_;
  std::int64_t memory_;
};

}  // namespace dreamreel::schedule
