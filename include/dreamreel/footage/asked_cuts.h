// The cuts that a job asks for (temporal.cuts), in place of cuts that are found in its pictures, or beside
// them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/footage/due_time.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/loop.h"

namespace dreamreel::footage {

class AskedCuts {
 public:
  /// `job` must outlive the object. Listens to the sound if a cut needs it; throws what needed_sound()
  /// throws.
  AskedCuts(const job::Job& job, const media::VideoInfo& info, const std::atomic<bool>* stop);

  const SoundTrack* sound() const { return sound_ ? &*sound_ : nullptr; }  ///< null if no cut needs it
  bool is_empty() const { return !cuts_.is_asked(); }
  /// A sentence for each cut at a time that the job does not reach. Empty if its length is not known.
  std::vector<std::string> never() const;
  /// Whether a shot begins with this frame. Must be called for every frame in order, beginning with the first
  /// frame of a loop's run-in. Throws JobError if an expression is not finite, and once the expressions have
  /// cost more work than a job can need.
  bool begins(std::int64_t frame, double seconds);
  /// The cross-fade that the job asks for at the frame of the last call of begins(), if it begins a shot.
  const std::optional<schedule::AskedFade>& fade() const { return fade_; }
  /// Throws JobError for a cross-fade that touches the crossfade of a loop.
  void expect_no_fade_in(const schedule::Loop& loop) const;

 private:
  // How far the cuts have been counted by a frame. A cut is a frame at which a count is larger than before.
  struct Counts {
    std::int64_t times = 0;
    std::vector<double> values;  // of the expressions, rounded down
    double beats = 0;            // of the sound; 0 without beats
    curve::CurveTime time;       // of the frame
  };
  Counts counts_at(std::int64_t frame, double seconds);
  // The cross-fade at a cut.
  struct TimedFade {
    std::size_t cut = 0;  // index in job::Cuts::times
    double from_seconds = 0, seconds = 0;
    std::int64_t frames = 0;
  };
  void find_fades();
  void take_fade(const curve::CurveTime& before, const curve::CurveTime& now);
  void expect_one_fade_a_frame() const;
  void expect_room(const TimedFade& fade) const;
  std::string key_of_fade(const TimedFade& fade) const;
  bool is_in_music(const Counts& before, const Counts& now) const;
  double value_of(const curve::Expression& expression, const curve::CurveTime& time) const;

  const job::Cuts& cuts_;
  double beats_of_phrase_;
  schedule::Clock clock_;
  std::optional<SoundTrack> sound_;
  std::shared_ptr<const curve::OwnValues> own_;  // null if no expression reads the job's own variables
  std::vector<DueTime> due_;                     // the job's times, in their order
  std::vector<std::int64_t> first_frames_;       // of the same times, at the nominal rate
  std::array<std::vector<double>, 3> rising_;    // the same times by DueTime::By, each list rising
  std::vector<TimedFade> fades_;
  std::optional<schedule::AskedFade> fade_;
  std::optional<Counts> before_;
  double work_ = 0;  // characters of expressions that were evaluated
};

}  // namespace dreamreel::footage
