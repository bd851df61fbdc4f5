// Finds what remains to be done of a plan, from what is stored. Pure: the answers depend on the arguments
// alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// Tells what is stored of a plan. Answers may be slow, because whole files are read, so no question is asked
/// twice without need. While an answer is in use, the stored files must not change.
struct Stored {
  /// Whether the part of a segment exists and is whole.
  std::function<bool(const Segment&)> has_part;
  /// For a dreamed frame that is stored and whole, the frame whose dream it shows. This is the frame itself,
  /// or an earlier frame whose dream was held (temporal.hold). nullopt if the frame is not stored.
  std::function<std::optional<std::int64_t>(std::int64_t)> drawing_of;
};

/// Frames of one piece that are made in one go. Frames begin..resume are stored and only have to be encoded.
/// Frames resume..end have to be made.
struct Task {
  Piece piece;
  std::int64_t begin = 0;   ///< begin of a segment
  std::int64_t resume = 0;  ///< first frame to make; before `begin` while a piece warms up
  std::int64_t end = 0;     ///< end of a segment
  /// The stored frame from which the dream continues: the last dreamed (not filled in) frame before `resume`.
  /// Equal to `resume` if there is none; `resume` is then the first frame that is dreamed.
  std::int64_t from = 0;
  std::int64_t last = 0;  ///< the dreamed frame on which the last frames before `end` lean; at least end - 1
  /// The frame whose dream `from` shows. This is `from` itself, or an earlier frame whose dream has been held
  /// since then (temporal.hold).
  std::int64_t drawn = 0;
  /// The older stored frames on which frames from `resume` on lean, nearest first (Cadence::older_pasts).
  std::vector<std::int64_t> recalled{};

  /// The first source frame that has to be decoded. `last` is the last one.
  std::int64_t first_decoded() const {
    const std::int64_t first = std::min({begin, from, drawn});
    return recalled.empty() ? first : std::min(first, recalled.back());
  }
};

/// The frames of a fade as a task that makes the incoming dream (schedule/fade.h) from its first frame on.
Task incoming_task(const Plan& plan, const Fade& fade);

struct Outstanding {
  std::vector<Task> tasks;       ///< in the order of their frames; tasks of a run-in come first
  std::int64_t frames_done = 0;  ///< finished frames of the pieces, including stored frames
};

/// The tasks that remain of `pieces`. If a task needs the run-in of a loop, the missing frames of the run-in
/// come first, as tasks with frame numbers below 0. Warns if a finished segment has to be rendered again.
Outstanding find_outstanding(const Plan& plan, const Cadence& cadence, const std::vector<Piece>& pieces,
                             const Stored& stored);

}  // namespace dreamreel::schedule
