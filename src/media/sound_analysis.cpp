#include "dreamreel/media/sound_analysis.h"

#include <cmath>

#include "sound_scaling.h"

namespace dreamreel::media {
namespace {

double follow(double before, double now, double seconds, const AttackRelease& time) {
  const double constant = now > before ? time.attack_seconds : time.release_seconds;
  return constant > 0 ? now + (before - now) * std::exp(-seconds / constant) : now;
}

}  // namespace

SoundAnalysis analyse_sound(const SoundRange& range) {
  return analysis_of(measure_sound(range), range.frame_rate, range.beats);
}

std::vector<SoundLevels> smoothed(std::vector<SoundLevels> levels, Rational frame_rate,
                                  const SoundSmoothing& smoothing) {
  const double seconds = 1 / frame_rate.value();
  SoundLevels before;
  for (auto& now : levels) {
    now.loudness = follow(before.loudness, now.loudness, seconds, smoothing.loudness);
    now.bass = follow(before.bass, now.bass, seconds, smoothing.bass);
    now.mid = follow(before.mid, now.mid, seconds, smoothing.mid);
    now.treble = follow(before.treble, now.treble, seconds, smoothing.treble);
    now.onset = follow(before.onset, now.onset, seconds, smoothing.onset);
    now.beat = follow(before.beat, now.beat, seconds, smoothing.beat);
    before = now;
  }
  return levels;
}

}  // namespace dreamreel::media
