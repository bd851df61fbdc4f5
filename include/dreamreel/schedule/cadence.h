// Tells which frames are dreamed, which are filled in between (temporal.every), and which older dreams a
// frame leans on. Pure: the answers depend on the arguments alone.
#pragma once

#include <cstdint>
#include <vector>

#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// Whether a frame of a loop is a twin or lies in the crossfade. All such frames are dreamed, and none of
/// them is held.
bool is_of_twins(const Loop& loop, std::int64_t frame);

/// The pattern of dreamed frames in a piece. Every `every`-th frame is dreamed, counted from the first frame
/// of the piece, and so is the last frame. The frames of a loop's run-in are all dreamed, and so are the
/// frames that are pulled towards it. So each of these frames has its twin.
///
/// With a memory of m frames, a dreamed frame leans on older dreams beside the last one. Let j count the
/// dreamed frames. For each power 2^v up to the first one above m, frame j leans on the last multiple of 2^v
/// that is at least 2^v dreamed frames old. So each power of two has one past, and a past that was left out
/// is never needed again. A place of the picture may be hidden for L frames, with L up to m. It then has a
/// past from before it was hidden, and this past is at most 4 L frames old.
class Cadence {
 public:
  /// `every` is at least 1. `memory` is a number of frames; with 0, a frame leans on the last dream alone.
  Cadence(int every, const Loop& loop, std::int64_t memory = 0)
      : every_(every), loop_(loop), memory_(memory) {}

  bool remembers() const { return memory_ > 0; }
  bool is_dreamed(const Piece& piece, std::int64_t frame) const;
  /// The last dreamed frame before `frame`, or a number below piece.start if the piece has no such frame.
  std::int64_t dreamed_before(const Piece& piece, std::int64_t frame) const;
  /// The older dreams that the first dreamed frame at or after `frame` leans on, nearest first. All of them
  /// lie before dreamed_before(). Frames that are kept lean only on kept frames, because frames of the
  /// warm-up are not stored. The twins of a loop have no older pasts.
  std::vector<std::int64_t> older_pasts(const Piece& piece, std::int64_t frame) const;
  /// The largest number of older pasts that a frame can have.
  int most_older_pasts() const;
  /// The number of dreamed frames in the half-open range begin..end of the piece.
  std::int64_t count(const Piece& piece, std::int64_t begin, std::int64_t end) const;

 private:
  int every_;
  Loop loop_;
  std::int64_t memory_;
};

}  // namespace dreamreel::schedule
