#include "dreamreel/schedule/cadence.h"

#include <algorithm>

namespace dreamreel::schedule {

bool is_of_twins(const Loop& loop, std::int64_t frame) {
  return loop && (frame < 0 || frame >= loop.length - loop.crossfade);
}

bool Cadence::is_dreamed(const Piece& piece, std::int64_t frame) const {
  if (is_of_twins(loop_, frame)) return true;
  return (frame - std::max<std::int64_t>(0, piece.start)) % every_ == 0 || frame + 1 == piece.end;
}

std::int64_t Cadence::dreamed_before(const Piece& piece, std::int64_t frame) const {
  do --frame;
  while (frame >= piece.start && !is_dreamed(piece, frame));
  return frame;
}

std::int64_t Cadence::count(const Piece& piece, std::int64_t begin, std::int64_t end) const {
  std::int64_t frames = 0;
  for (std::int64_t frame = begin; frame < end; ++frame)
    if (is_dreamed(piece, frame)) ++frames;
  return frames;
}

}  // namespace dreamreel::schedule
