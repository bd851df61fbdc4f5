#include "dreamreel/core/beat_grid.h"

#include <algorithm>
#include <cmath>

namespace dreamreel {
namespace {

// A time between beats above this many usual ones is a break.
constexpr double kBreak = 1.75;
constexpr double kSameTimeSeconds = 1e-9;  // the rounding of doubles

// The number of the last entry that is at most `value`; 0 if there is none. Rising entries, at least one.
std::size_t place_in(const std::vector<double>& rising, double value) {
  const auto after = std::upper_bound(rising.begin(), rising.end(), value);
  return after == rising.begin() ? 0 : static_cast<std::size_t>(after - rising.begin()) - 1;
}

// Maps `value` from one rising list to the other, along straight lines. Outside, and behind the last entry, a
// step in `from` is `slope` steps in `to`.
double mapped(const std::vector<double>& from, const std::vector<double>& to, double slope, double value) {
  const std::size_t i = place_in(from, value);
  if (value >= from.front() && i + 1 < from.size())
    return to[i] + (to[i + 1] - to[i]) * (value - from[i]) / (from[i + 1] - from[i]);
  return to[i] + (value - from[i]) * slope;
}

}  // namespace

BeatGrid::BeatGrid(const std::vector<double>& beats, double tempo_bpm, int meter)
    : seconds_(beats), period_(60 / tempo_bpm), meter_(meter) {
  counts_.push_back(0);
  double usual = period_;
  for (std::size_t i = 1; i < beats.size(); ++i) {
    const double gap = beats[i] - beats[i - 1];
    const bool is_break = gap > kBreak * usual;
    counts_.push_back(counts_.back() + (is_break ? std::round(gap / usual) : 1));
    if (!is_break) usual = gap;
  }
}

double BeatGrid::seconds_at(double beat) const {
  return mapped(counts_, seconds_, period_, beat);
}

double BeatGrid::seconds_at(const TimePoint& time) const {
  return seconds_at(time.unit == TimePoint::Unit::bars ? time.value * meter_ : time.value);
}

double BeatGrid::beats_at(double seconds) const {
  return mapped(seconds_, counts_, 1 / period_, seconds);
}

void BeatGrid::set_counts(double seconds, double frames_per_second, SoundValues& values) const {
  // The beats that have come by this frame.
  const double end = seconds + 1 / frames_per_second - kBeatTieSeconds;
  double last = std::floor(beats_at(end));
  while (earliest_frame_start(seconds_at(last + 1), frames_per_second) <= seconds) ++last;
  while (earliest_frame_start(seconds_at(last), frames_per_second) > seconds) --last;
  const bool falls_now = seconds_at(last) >= seconds - kBeatTieSeconds;
  const double exact = beats_at(seconds);
  values.beats = falls_now ? last : std::clamp(exact, last, std::nextafter(last + 1, last));
  values.bar = std::floor(last / meter_);
  values.phrase = std::floor(values.bar / kBarsOfPhrase);
}

double earliest_frame_start(double moment_seconds, double frames_per_second) {
  return moment_seconds + kBeatTieSeconds - 1 / frames_per_second + kSameTimeSeconds;
}

}  // namespace dreamreel
