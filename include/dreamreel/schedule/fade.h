// Cross-fades of two dreams (temporal.cuts, scenes), in frame numbers.
//
//   shot      [------------- 0 -------------)[-------------- 1 --------------)
//   fade                                     [-- both --)
//   piece     [------------------- 0 ------------------)[--------- 1 --------)
//   warm-up                                  [----------)
//
// The piece before a fade goes on to the end of the fade, as if there were no cut, with the values that the
// curves of scenes have before the cut: this is the outgoing dream. Over the frames of the fade, a second
// dream is made beside it, which begins anew at the cut: the incoming dream. The frames that are shown mix
// both. The piece behind the fade makes the incoming dream once more, as its warm-up. So no piece depends on
// a frame of another one. Pure: nothing depends on pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::schedule {

/// A length that a cut asks for, in frames.
struct AskedFade {
  std::int64_t frames = 0;
  /// The indices in job::Cuts::times of all cuts that come with this frame, in whatever units they are
  /// written.
  std::vector<std::size_t> cuts;
};

struct Fade {
  /// Half-open range of the frames that show both dreams. It ends before `begin + frames` if another cut
  /// comes first.
  std::int64_t begin = 0, end = 0;
  std::int64_t frames = 0;        ///< the length that was asked for
  std::int64_t out_start = 0;     ///< first frame of the shot that fades out
  std::vector<std::size_t> cuts;  ///< of its first frame, as in AskedFade; at least one
  bool operator==(const Fade&) const = default;

  /// Whether a cut comes before all of its frames are shown. A frame less may be the rounding of times.
  bool is_cut_short() const { return end < begin + frames - 1; }
  bool holds(std::int64_t frame) const { return frame >= begin && frame < end; }
  /// How much of a frame is the incoming dream, in (0,1). It rises linearly, by the same amount in each frame
  /// and from the frame before the fade to the frame behind it.
  double weight_at(std::int64_t frame) const {
    return static_cast<double>(frame - begin + 1) / static_cast<double>(frames + 1);
  }
};

struct Plan;

/// The pieces of the plan's shots, changed by its fades: a piece in front of a fade becomes longer, and a
/// piece behind it keeps no frame of the fade. If the first shot begins within a fade, a piece is added in
/// front of it, which is dreamed from frame `first_start` on.
std::vector<Piece> with_fades(std::vector<Piece> pieces, const Plan& plan, std::int64_t first_start);

/// The fade in which the last frames of the piece fade out, or null.
const Fade* fade_out_of(const Plan& plan, const Piece& piece);

/// The frames of a fade as a piece that begins anew: the incoming dream. It ends with the plan's last frame
/// if that comes first.
Piece incoming_of(const Plan& plan, const Fade& fade);

/// Whether each key of a curve but the first stands at a cut, and each but the last holds, as in the curves
/// of scenes.
bool is_of_scenes(const curve::Curve& curve, const job::Cuts& cuts);

/// The job of the outgoing dream: curves of scenes keep the values that they have before the first frame of
/// the fade. Throws DataError if the job lacks one of the fade's cuts.
job::Job outgoing_job(const job::Job& job, const Fade& fade);

}  // namespace dreamreel::schedule
