// The cuts that a job asks for (temporal.cuts), in place of cuts that are found in its pictures, or beside
// them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/render/sound_track.h"
#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/loop.h"

namespace dreamreel::render {

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
  };
  Counts counts_at(std::int64_t frame, double seconds);
  // A cross-fade at a cut.
  struct TimedFade {
    double due = 0;  // a frame number, or seconds
    bool by_frame = false;
    double from_seconds = 0, seconds = 0;
    schedule::AskedFade asked;
  };
  void find_fades();
  void take_fades(std::int64_t frame, double seconds);
  void expect_room(const TimedFade& fade) const;
  std::string key_of_fade(const TimedFade& fade) const;
  bool is_in_music(const Counts& before, const Counts& now) const;
  double value_of(const curve::Expression& expression, const curve::CurveTime& time) const;

  const job::Cuts& cuts_;
  double beats_of_phrase_;
  schedule::Clock clock_;
  std::optional<SoundTrack> sound_;
  std::shared_ptr<const curve::OwnValues> own_;  // null if no expression reads the job's own variables
  std::vector<double> frames_, seconds_;         // when times are due, rising
  std::vector<TimedFade> fades_;
  std::vector<bool> has_begun_;  // which fades had begun by the last frame
  std::optional<schedule::AskedFade> fade_;
  std::optional<Counts> before_;
  double work_ = 0;  // characters of expressions that were evaluated
};

}  // namespace dreamreel::render
