// Tells where each frame stands in the job's time, for its curves. Only this class makes a CurveTime.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/clock.h"
#include "dreamreel/settings/named_curves.h"

namespace dreamreel::footage {

/// The clock of a source.
schedule::Clock clock_of(const media::VideoInfo& info);

class Timeline {
 public:
  /// `job` must outlive the object. Analyses the sound if a curve reads it, and reads series and stems.
  /// Throws Interrupted once `stop`, which may be null, is set. Throws InputError if a file cannot be read,
  /// FaultsError for mistakes in a series, and JobError if a curve reads the sound of a job without
  /// sound, or counts the beats of a sound without rhythm, or if an expression leaves the range of its key
  /// at any frame. If the number of frames is not known, only the first frame is checked.
  Timeline(const job::Job& job, const media::VideoInfo& info, const std::atomic<bool>* stop = nullptr);

  /// Throws JobError if an expression leaves its range at this frame. The constructor cannot foresee this for
  /// a source of unknown length or varying rate.
  curve::CurveTime at(const media::VideoFrame& frame) const;
  /// The same for a frame that has not been read. Nothing is checked. Frames before frame 0 are the run-in of
  /// a loop, and stand at the end of the time line. If the rate is constant, the time lies on the grid of
  /// frames (on_frame_grid()), so the rounding of the container's clock is undone.
  curve::CurveTime at(std::int64_t frame, double seconds) const;

  const SoundTrack* sound() const { return sound_ ? &*sound_ : nullptr; }  ///< null if no curve reads it

 private:
  void check_curves_ahead(std::int64_t frames) const;

  std::vector<settings::NamedCurve> varying_;    // curves with expressions
  std::optional<SoundTrack> sound_;              // set if a curve reads it
  std::shared_ptr<const curve::OwnValues> own_;  // null if no curve reads the job's own variables
  schedule::Clock clock_;
};

}  // namespace dreamreel::footage
