// What is left to do of a plan, told from what is stored. Pure: the answers depend on the arguments alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// What is stored of a plan. The questions may be slow to answer, because files are read to the end; none is asked twice
/// without need. Answers do not change while somebody asks.
struct Stored {
  /// Whether the part of a segment is there and whole.
  std::function<bool(const Segment&)> has_part;
  /// Of a dreamed frame that is stored and whole, the frame whose dream it shows: the frame itself, or one before it whose
  /// dream was held (temporal.hold). nullopt for a frame that is not stored.
  std::function<std::optional<std::int64_t>(std::int64_t)> drawing_of;
};

/// Frames of one piece in one go: begin..resume are stored and only have to be encoded, resume..end have to be made.
struct Task {
  Piece piece;
  std::int64_t begin = 0;   ///< of a segment
  std::int64_t resume = 0;  ///< before `begin` while a piece warms up
  std::int64_t end = 0;     ///< of a segment
  /// The stored frame that the dream goes on from: the last one before `resume` that was dreamed, not filled in. Equal to
  /// `resume`, which is then the first frame that is dreamed, if there is none.
  std::int64_t from = 0;
  std::int64_t last = 0;  ///< the dreamed frame that the last ones before `end` lean on; end - 1 or after it
  /// The frame whose dream `from` shows: `from` itself, or one before it whose dream has been held since (temporal.hold).
  std::int64_t drawn = 0;
  /// The older stored frames that frames from `resume` on lean on, nearest first (Cadence::older_pasts).
  std::vector<std::int64_t> recalled{};

  /// The source frames that have to be decoded: from here up to and including `last`.
  std::int64_t first_decoded() const {
    const std::int64_t first = std::min({begin, from, drawn});
    return recalled.empty() ? first : std::min(first, recalled.back());
  }
};

struct Outstanding {
  std::vector<Task> tasks;       ///< in order; those of a run-in first
  std::int64_t frames_done = 0;  ///< of the pieces, those stored included
};

/// If a task needs the run-in of a loop, what is missing of the run-in comes first, as tasks whose frames have numbers
/// below 0. Warns where a finished segment has to be rendered again.
Outstanding find_outstanding(const Plan& plan, const Cadence& cadence, const std::vector<Piece>& pieces,
                             const Stored& stored);

}  // namespace dreamreel::schedule
