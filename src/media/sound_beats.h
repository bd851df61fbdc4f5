// Finds beats in an onset curve. The whole curve is known before a beat is chosen, so the tracker has no lag
// and needs no time to lock in.
#pragma once

#include <vector>

#include "dreamreel/media/sound_analysis.h"

namespace dreamreel::media {

struct BeatTrack {
  std::vector<double> seconds;  ///< rising; empty without a rhythm
  double tempo_bpm = 0;         ///< from the mean time between beats; 0 without beats
};

/// Dynamic programming after D. Ellis, "Beat Tracking by Dynamic Programming", Journal of New Music Research
/// 36(1), 2007; with a tempo that may change over the track. If several tempi within the limits fit, those
/// near 120 are preferred, or those near the middle of limits that the rules set. `onsets[i]`, >= 0, belongs
/// to the time (i + 0.5) / rate; `rate` is about 100 or more a second.
BeatTrack track_beats(const std::vector<float>& onsets, double rate, const BeatRules& rules = {});

/// The place of exactly periodic beats in an onset curve: the time from 0 to `period_seconds` at which beats
/// meet the most onset. 0 for a curve in which nothing happens.
double beat_phase(const std::vector<float>& onsets, double rate, double period_seconds);

}  // namespace dreamreel::media
