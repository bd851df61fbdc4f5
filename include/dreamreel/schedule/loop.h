// A job whose last frame leads into its first (output.loop), as frame numbers.
//
//   -run_in ... -crossfade ... -1 | 0 ................. length-crossfade ... length-1
//   dreamed and stored, not shown | shown               | shown, pulled towards frames -crossfade ... -1
//
// Frame t of the last ones has frame t - length for its twin. Its source is dissolved into the twin's, and so is the
// start of its ascent, which is made of both carried dreams. At the last frame nothing but the twin is left: it is frame
// -1 again, whose successor is frame 0.
#pragma once

#include <cstdint>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::schedule {

struct Loop {
  std::int64_t run_in = 0;     ///< frames before frame 0; 0: the job does not loop
  std::int64_t crossfade = 0;  ///< at most run_in, from 2
  std::int64_t length = 0;     ///< frames that are shown
  std::int64_t first_pts = 0;  ///< where frame 0 lies in a clip, in the unit of its timestamps
  double first_seconds = 0;
  bool operator==(const Loop&) const = default;

  explicit operator bool() const { return run_in > 0; }
  std::int64_t twin_of(std::int64_t frame) const { return frame - length; }
  /// How far a frame is its twin: 0 up to the first one of the crossfade, 1 at the last frame, u^2 (3 - 2u) between.
  double weight_at(std::int64_t frame) const;
  /// Whether any of the frames before `end` is pulled.
  bool pulls_before(std::int64_t end) const { return weight_at(end - 1) > 0; }
  /// The run-in stands for the end of the round before: it has the curves and the random numbers of that.
  std::int64_t on_time_line(std::int64_t frame) const { return frame < 0 ? frame + length : frame; }
};

/// How many frames a clip's run-in may be long: all from `least` to `most`, and `usual` where they are equally good.
struct RunInLengths {
  std::int64_t least = 0, usual = 0, most = 0;
  bool operator==(const RunInLengths&) const = default;
};

/// A clip's way from one frame to the next.
struct Step {
  std::int64_t change = 0;  ///< sum of the absolute differences of 8-bit R'G'B' levels
  bool is_cut = false;      ///< a shot ends here
};

/// Of a clip with `frames` frames: the crossfade that the job gives, or about a second. The job loops.
RunInLengths run_in_lengths(const job::Job& job, std::int64_t frames, double frames_per_second);
/// The length after which frame 0 follows by the smallest step, which a cut is only where there is nothing else; of equal
/// ones the nearest to the usual. steps[i] is the way to the clip's frame i, so there are lengths.most + 1 of them (the
/// first one is not looked at).
std::int64_t smoothest_run_in(const RunInLengths& lengths, const std::vector<Step>& steps);
/// Of a clip with `frames` frames, whose first `run_in` ones are the run-in.
Loop loop_of_clip(std::int64_t frames, std::int64_t run_in);
/// Of pure feedback that shows `frames` frames; {} where the job does not loop. The run-in comes before them, and is twice
/// as long as the crossfade: in its first half the dream grows out of its first picture. As run_in_lengths(), throws
/// JobError for a crossfade that does not fit.
Loop loop_of_feedback(const job::Job& job, std::int64_t frames, double frames_per_second);

}  // namespace dreamreel::schedule
