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

std::vector<std::int64_t> Cadence::older_pasts(const Piece& piece, std::int64_t frame) const {
  std::vector<std::int64_t> pasts;
  if (memory_ <= 0 || is_of_twins(loop_, frame)) return pasts;
  const std::int64_t last = dreamed_before(piece, frame);
  const std::int64_t oldest = std::max<std::int64_t>(0, frame < piece.begin ? piece.start : piece.begin);
  // Frames are counted from the same frame in every piece, so that an excerpt leans on the same frames as the
  // whole.
  const std::int64_t first = std::max<std::int64_t>(0, piece.start) % every_;
  const std::int64_t number = (frame - first + every_ - 1) / every_;
  for (std::int64_t age = 2, reach = 0; reach <= memory_; age *= 2) {
    reach = age * every_;
    if (number < age) break;
    const std::int64_t past = (number - age) / age * age * every_ + first;
    if (past >= oldest && past < last && (pasts.empty() || past < pasts.back())) pasts.push_back(past);
  }
  return pasts;
}

int Cadence::most_older_pasts() const {
  int count = 0;
  for (std::int64_t age = 2, reach = 0; memory_ > 0 && reach <= memory_; age *= 2, ++count)
    reach = age * every_;
  return count;
}

std::int64_t Cadence::count(const Piece& piece, std::int64_t begin, std::int64_t end) const {
  std::int64_t frames = 0;
  for (std::int64_t frame = begin; frame < end; ++frame)
    if (is_dreamed(piece, frame)) ++frames;
  return frames;
}

}  // namespace dreamreel::schedule
