// The measurements of the sound, not yet scaled to 0..1. They are made in one pass over the samples.
#pragma once

#include <vector>

#include "dreamreel/media/sound_analysis.h"
#include "sound_meters.h"

namespace dreamreel::media {

struct SoundFeatures {
  // One value per frame.
  std::vector<double> loudness_lufs;  ///< momentary, around the frame's middle
  std::vector<BandLevels> bands;      ///< root mean squares over the frame's hops
  std::vector<float> peaks;
  // hops_per_frame values per frame. Value k belongs to the time (k + 0.5) / (frame_rate * hops_per_frame).
  std::vector<float> onsets;  ///< strength of beginnings, with all bands weighted equally; no unit
  int hops_per_frame = 1;
  /// The largest |sample| of each stretch of kFinePeakSeconds, from the start of the range on.
  std::vector<float> fine_peaks;
};
/// Short, so that the end of the music is known more exactly than a frame.
constexpr double kFinePeakSeconds = 0.002;

SoundFeatures measure_sound(const SoundRange& range);

}  // namespace dreamreel::media
