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
};

SoundFeatures measure_sound(const SoundRange& range);

/// Scales by percentiles, and finds the beats.
SoundAnalysis analysis_of(const SoundFeatures& features, Rational frame_rate);

}  // namespace dreamreel::media
