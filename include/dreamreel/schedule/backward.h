// The backward pass (temporal.passes: 2), in frame numbers.
//
//   shot              [------------------------------------------)
//   segment           [-------- 0 --------)[-------- 1 --------)[-)
//   backward passes   [<---------------------)
//                                          [<-------------------)
//
// Before the frames of a segment are dreamed, the same frames are dreamed from the last to the first: the
// backward dreams. A backward pass begins kBackwardLead frames behind its segment, or at the end of the shot.
// So its dreams have grown by the time they are needed. A frame of the forward pass takes the backward dream
// of the same frame wherever it can carry none on. So the two passes are never mixed where both are good, and
// the border between two backward passes does not show.
//
// A backward dream depends on the source alone, and on no frame of the forward pass. So pieces stay
// independent. It does not depend on the piece either, unless frames are filled in. Pure: nothing depends on
// pixels.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/cadence.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// Frames that a backward pass dreams behind its segment. At the default blend of 0.9, a dream has by then
/// more than nine tenths of its full strength.
constexpr std::int64_t kBackwardLead = 24;

/// The most frames behind a range that backward passes look at.
constexpr std::int64_t kMostLookedAtBehind = kSegmentFrames + kBackwardLead;

/// Half-open range of frames, dreamed from the last to the first.
struct BackwardPass {
  std::int64_t begin = 0, end = 0;
  bool operator==(const BackwardPass&) const = default;
};

/// Whether the job has a backward pass: temporal.passes is 2, and something is dreamed and carried on.
bool dreams_backward(const job::Job& job);

/// The end of the shot that a piece belongs to. If the plan's range ends within the shot, this is where a
/// backward pass looks last.
std::int64_t end_of_shot(const Plan& plan, const Piece& piece);
/// Where backward passes look last in a shot in which a range ends. `shot_end` is the end of the shot.
std::int64_t last_look(std::int64_t range_end, std::int64_t shot_end, std::int64_t segment_frames);

/// The backward pass of the segment that a frame of the piece lies in, whose job dreams backward. nullopt for
/// frames that take nothing from it: frames of a loop that have a twin, or are one, and frames with no
/// dreamed frame behind them.
std::optional<BackwardPass> backward_pass_of(const Plan& plan, const Cadence& cadence, const Piece& piece,
                                             std::int64_t frame);
/// The dreamed frames of a pass from the last one down to `lowest`.
std::vector<std::int64_t> dreamed_backward(const BackwardPass& pass, const Cadence& cadence,
                                           const Piece& piece, std::int64_t lowest);
/// The number of frames that backward passes dream for the frames begin..end (half-open) of a piece.
std::int64_t count_backward(const Plan& plan, const Cadence& cadence, const Piece& piece, std::int64_t begin,
                            std::int64_t end);

}  // namespace dreamreel::schedule
