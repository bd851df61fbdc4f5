// Where each frame stands in the job's time, for its curves: the one place that makes a CurveTime.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/render/sound_track.h"
#include "dreamreel/schedule/clock.h"

namespace dreamreel::render {

/// The clock of a source.
schedule::Clock clock_of(const media::VideoInfo& info);

class Timeline {
 public:
  /// `job` must outlive it. Analyses the sound if a curve reads it; Interrupted once `stop`, which may be
  /// null, is set meanwhile. Throws InputError where the sound cannot be read, JobError if a curve reads it
  /// and the job has none, or if an expression leaves the range of its key at any frame (at the first one,
  /// where the number of frames is not known beforehand).
  Timeline(const job::Job& job, const media::VideoInfo& info, const std::atomic<bool>* stop = nullptr);

  /// Throws JobError if an expression leaves its range here, which the constructor could not foresee for a
  /// source of unknown length or varying rate.
  curve::CurveTime at(const media::VideoFrame& frame) const;
  /// The same for a frame that is not there yet; nothing is checked. Frames before frame 0, the run-in of a
  /// loop, stand at the end of the time line. Where the rate is constant, the time is the frame's own
  /// (on_frame_grid()), without what the container's clock rounded off.
  curve::CurveTime at(std::int64_t frame, double seconds) const;

 private:
  void check_curves_ahead(std::int64_t frames) const;

  std::vector<job::NamedCurve> varying_;  // with expressions
  std::optional<SoundTrack> sound_;       // if a curve reads it
  schedule::Clock clock_;
};

}  // namespace dreamreel::render
