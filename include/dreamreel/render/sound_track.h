// The sound of a job, as its curves see it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dreamreel/core/sound_levels.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/sound_analysis.h"
#include "dreamreel/media/video.h"

namespace dreamreel::render {

/// Immutable; may be read from any thread.
class SoundTrack {
 public:
  SoundTrack(media::SoundAnalysis analysis, Rational frame_rate, const job::Audio& smoothing);

  /// The smoothed levels while the frame at `seconds` of the job is shown: those of the nearest frame at the nominal
  /// rate, zeros before and after the sound. Valid as long as the track.
  const SoundLevels& at(double seconds) const;

  /// As heard, without smoothing, with tempo, beats and peaks.
  const media::SoundAnalysis& analysis() const { return analysis_; }

 private:
  media::SoundAnalysis analysis_;
  double frames_per_second_;
  std::vector<SoundLevels> levels_;
};

/// The part of a file that sounds while the job's frames are shown: input.audio from its beginning, else the source's
/// own sound from the trim on. nullopt where the job has neither. `info` is the source's.
std::optional<media::SoundRange> sound_of(const job::Job& job, const media::VideoInfo& info);

/// Analyses that sound, or takes the analysis from the cache folder. nullopt where there is none. Throws InputError.
std::optional<SoundTrack> load_sound(const job::Job& job, const media::VideoInfo& info);

}  // namespace dreamreel::render
