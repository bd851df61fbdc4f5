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

/// How many frames a segment has, unless its piece begins or ends within it.
constexpr std::int64_t kSegmentFrames = 120;

/// Half-open range of absolute frame numbers without a cut inside.
struct Shot {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const Shot&) const = default;
};

/// Frames that depend on no frame outside: a shot, or a part of one. Frames start..begin are dreamed to warm
/// up, as if a shot began at `start`, but not kept; a whole shot has start == begin, unless an excerpt begins
/// within it.
struct Piece {
  std::int64_t start = 0, begin = 0, end = 0;
  std::int64_t shot = 0;  ///< which one, counted from 0
  bool operator==(const Piece&) const = default;
};

/// Half-open range of frames that becomes one part file.
struct Segment {
  std::int64_t begin = 0, end = 0;
  bool operator==(const Segment&) const = default;
};

}  // namespace dreamreel::schedule
