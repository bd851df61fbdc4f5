// Turns the measurements of the sound into levels from 0 to 1, and finds the beats.
#pragma once

#include "dreamreel/media/sound_analysis.h"
#include "sound_features.h"

namespace dreamreel::media {

/// Scales by percentiles, and finds the beats.
SoundAnalysis analysis_of(const SoundFeatures& features, Rational frame_rate, const BeatRules& rules = {});

}  // namespace dreamreel::media
