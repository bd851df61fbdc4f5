// A job whose last frame leads into its first frame (output.loop), in frame numbers.
//
//   -run_in ... -crossfade ... -1 | 0 ................. length-crossfade ... length-1
//   dreamed and stored, not shown | shown               | shown, pulled towards frames -crossfade ... -1
//
// In the crossfade, frame t has the twin t - length. The frame's source is dissolved into the twin's source.
// The start of the frame's ascent is made of both carried dreams. The last frame equals its twin, frame -1,
// and the successor of frame -1 is frame 0.
#pragma once

#include <cstdint>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::schedule {

struct Loop {
  std::int64_t run_in = 0;     ///< frames before frame 0; 0 if the job does not loop
  std::int64_t crossfade = 0;  ///< frames that are pulled, from 2 up to run_in
  std::int64_t length = 0;     ///< frames that are shown
  std::int64_t first_pts = 0;  ///< time stamp of frame 0 in a clip, in the clip's own unit
  double first_seconds = 0;
  bool operator==(const Loop&) const = default;

  explicit operator bool() const { return run_in > 0; }
  std::int64_t twin_of(std::int64_t frame) const { return frame - length; }
  /// How much a frame is its twin, in [0,1]: 0 up to the first frame of the crossfade, 1 at the last frame.
  /// In between, with u rising linearly from 0 to 1, it is the smoothstep u^2 (3 - 2u).
  double weight_at(std::int64_t frame) const;
  /// Whether any frame before `end` is pulled towards its twin.
  bool pulls_before(std::int64_t end) const { return weight_at(end - 1) > 0; }
  /// Where a frame stands on the time line. The run-in repeats the end of the previous round, with its curves
  /// and its random numbers.
  std::int64_t on_time_line(std::int64_t frame) const { return frame < 0 ? frame + length : frame; }
};

/// The possible lengths of a clip's run-in, in frames: from `least` to `most`. `usual` is taken where several
/// lengths are equally good.
struct RunInLengths {
  std::int64_t least = 0, usual = 0, most = 0;
  bool operator==(const RunInLengths&) const = default;
};

/// How much a frame of a clip differs from the frame before it.
struct FrameChange {
  std::int64_t levels = 0;  ///< sum of the absolute differences of 8-bit R'G'B' levels
  bool is_cut = false;      ///< a new shot begins with this frame
};

/// The lengths for a clip with `frames` frames. The crossfade is the job's, or about a second. The job must
/// loop. Throws JobError if the crossfade does not fit.
RunInLengths run_in_lengths(const job::Job& job, std::int64_t frames, double frames_per_second);
/// The length of the run-in for which frame 0 changes least from the frame before it. A cut is taken only if
/// every other length gives a cut too. Of equal changes, the one nearest to lengths.usual counts. changes[i]
/// is the change of frame i of the clip, so there are lengths.most + 1 of them; changes[0] is ignored.
std::int64_t smoothest_run_in(const RunInLengths& lengths, const std::vector<FrameChange>& changes);
/// The loop of a clip with `frames` frames. Its first `run_in` frames are the run-in.
Loop loop_of_clip(std::int64_t frames, std::int64_t run_in);
/// The loop of pure feedback that shows `frames` frames; {} if the job does not loop. The run-in comes before
/// the shown frames and is twice as long as the crossfade. In its first half, the dream grows out of its
/// first picture. Throws JobError if the crossfade does not fit, as run_in_lengths() does.
Loop loop_of_feedback(const job::Job& job, std::int64_t frames, double frames_per_second);

}  // namespace dreamreel::schedule
