// The ways in which a clip is cut, as half-open ranges of absolute frame numbers. Plain data.
#pragma once

#include <cstdint>
#include <optional>

namespace dreamreel::schedule {

/// The frames that a person asked for.
struct FrameRange {
  std::int64_t begin = 0;
  std::optional<std::int64_t> end;
};

/// The length of a segment in frames, unless its piece begins or ends within the segment.
constexpr std::int64_t kSegmentFrames = 120;

/// Half-open range of absolute frame numbers without a cut inside.
struct Shot {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const Shot&) const = default;
};

/// Frames that depend on no frame outside the piece: a shot, or a part of a shot. Frames start..begin warm
/// the dream up, as if a shot began at `start`, and are not kept. For a whole shot, start equals begin,
/// unless an excerpt begins within the shot.
struct Piece {
  std::int64_t start = 0, begin = 0, end = 0;
  std::int64_t shot = 0;  ///< number of the shot, counted from 0
  bool operator==(const Piece&) const = default;
};

/// Half-open range of frames that becomes one part file.
struct Segment {
  std::int64_t begin = 0, end = 0;
  bool operator==(const Segment&) const = default;
};

}  // namespace dreamreel::schedule
