// What is left to do of a plan, as the files in its work folder tell.
#pragma once

#include <algorithm>
#include <vector>

#include "dreamreel/schedule/cadence.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

/// Frames of one piece in one go: begin..resume are there and only to be encoded, resume..end are to be dreamed.
struct Task {
  schedule::Piece piece;
  std::int64_t begin = 0;   ///< of a segment
  std::int64_t resume = 0;  ///< before `begin` while a piece warms up
  std::int64_t end = 0;     ///< of a segment
  /// The stored frame that the dream goes on from: the last one before `resume` that was dreamed, not filled in. Equal to
  /// `resume`, which is then piece.start, if there is none.
  std::int64_t from = 0;
  std::int64_t last = 0;  ///< the dreamed frame that the last ones before `end` lean on; end - 1 or after it
  /// The frame whose dream `from` shows: `from` itself, or one before it whose dream has been held since (temporal.hold).
  std::int64_t drawn = 0;

  /// The source frames that have to be decoded: from here up to and including `last`.
  std::int64_t first_decoded() const { return std::min({begin, from, drawn}); }
};

struct Outstanding {
  std::vector<Task> tasks;
  std::int64_t frames_done = 0;  ///< of the pieces, those stored included
};

/// Parts that are damaged or foreign count as not there, with a warning. If a task needs the run-in of a loop, what is
/// missing of that comes first, as tasks whose frames have numbers below 0.
Outstanding find_outstanding(const schedule::Plan& plan, const schedule::Cadence& cadence,
                             const std::vector<schedule::Piece>& pieces, const WorkFolder& work,
                             const std::filesystem::path& output, const std::atomic<bool>* stop);

}  // namespace dreamreel::work
