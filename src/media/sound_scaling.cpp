#include "sound_scaling.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "dreamreel/core/beat_grid.h"
#include "percentile.h"
#include "sound_beats.h"

namespace dreamreel::media {
namespace {

constexpr double kHighShare = 0.9;          // values up to the top add up to this share of the sum
constexpr double kLowShare = 0.1;           // this share of the sounding frames lies below the bottom
constexpr double kHighestBottom = 0.5;      // share of the top, so that a steady tone is 1 and not 0
constexpr double kQuietestTopDb = -40;      // a quieter track is not raised to 1
constexpr double kBandBelowLoudestDb = 30;  // nor a band that is quieter than this below the loudest
constexpr double kLoudnessRange = 30;       // LU from 0 to 1
constexpr double kSteadyLevel = 1.1;        // times the frame before: a lower level is no beginning
constexpr double kMusicDb = -30;            // beats lie between the first and the last sound above this
constexpr double kEndSeconds = 0.002;       // how exactly the end of the music is known
constexpr double kPhaseSeconds = 0.006;     // how exactly the phase of the beats is found
constexpr double kBeforeMusic = 0.5;        // beats; music that begins this much later belongs to the beat

double amplitude(double db) {
  return std::pow(10, db / 20);
}

// The value up to which all values add up to `share` of their sum. This is a percentile in which silence
// counts for nothing, and a single loud moment for little.
double top_of(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const double wanted = share * std::accumulate(values.begin(), values.end(), 0.0);
  double sum = 0;
  for (const double value : values)
    if ((sum += value) >= wanted) return value;
  return 0;
}

std::vector<double> above(const std::vector<double>& values, double floor) {
  std::vector<double> kept;
  std::ranges::copy_if(values, std::back_inserter(kept), [&](double value) { return value > floor; });
  return kept;
}

// Maps a value linearly: the bottom to 0 and the top to 1. Silence is 0.
struct Scale {
  double bottom = 0, top = 1, silence = 0;
  double operator()(double value) const {
    return value <= silence ? 0 : std::clamp((value - bottom) / (top - bottom), 0.0, 1.0);
  }
};

Scale band_scale(const std::vector<double>& values, double least_top) {
  const double silence = amplitude(kSilence);
  const auto sounding = above(values, silence);
  const double top = std::max(least_top, top_of(sounding, kHighShare));
  return {std::min(percentile(sounding, kLowShare), kHighestBottom * top), top, silence};
}

void set_bands(const SoundFeatures& features, std::vector<SoundLevels>& levels) {
  struct Variable {
    double BandLevels::*measured;
    double SoundLevels::*level;
    std::vector<double> values;
  };
  std::vector<Variable> variables{{&BandLevels::bass, &SoundLevels::bass, {}},
                                  {&BandLevels::mid, &SoundLevels::mid, {}},
                                  {&BandLevels::treble, &SoundLevels::treble, {}}};
  double loudest = 0;
  for (auto& variable : variables) {
    for (const auto& bands : features.bands) variable.values.push_back(bands.*variable.measured);
    loudest = std::max(loudest, top_of(above(variable.values, amplitude(kSilence)), kHighShare));
  }
  const double least_top = std::max(amplitude(kQuietestTopDb), loudest * amplitude(-kBandBelowLoudestDb));
  for (const auto& variable : variables) {
    const Scale scale = band_scale(variable.values, least_top);
    for (std::size_t i = 0; i < levels.size(); ++i) levels[i].*variable.level = scale(variable.values[i]);
  }
}

void set_loudness(const SoundFeatures& features, std::vector<SoundLevels>& levels) {
  std::vector<double> amplitudes;
  for (const double lufs : features.loudness_lufs)
    if (lufs > kSilence) amplitudes.push_back(amplitude(lufs));
  const double top = std::max(kQuietestTopDb, 20 * std::log10(top_of(amplitudes, kHighShare)));
  const Scale scale{top - kLoudnessRange, top, kSilence};
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i].loudness = scale(features.loudness_lufs[i]);
}

void set_onsets(const SoundFeatures& features, std::vector<SoundLevels>& levels) {
  const std::vector<double> values(features.onsets.begin(), features.onsets.end());
  const double top = top_of(values, kHighShare);
  if (top <= 0) return;
  const Scale scale{std::min(percentile(values, 0.5), kHighestBottom * top), top, 0};
  const auto hops = static_cast<std::size_t>(features.hops_per_frame);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& onset = levels[i / hops].onset;
    onset = std::max(onset, scale(values[i]));
  }
}

double level_of(const BandLevels& bands) {
  return std::hypot(bands.bass, bands.mid, bands.treble);
}

// Whether sound only stops in a frame. A window that contains the stop measures a click, although nothing
// begins there. A real click is louder than the sound before it.
bool breaks_off(const SoundFeatures& features, std::size_t frame) {
  const auto level = [&](std::size_t at) {
    return at < features.bands.size() ? level_of(features.bands[at]) : 0;
  };
  return frame > 0 && level(frame + 1) <= amplitude(kSilence) &&
         level(frame) <= kSteadyLevel * level(frame - 1);
}

// The music lasts from the first to the last moment that is nearly as loud as the loud ones. So beats neither
// begin in a quiet intro nor go on into a silent end.
struct Music {
  double begin = 0, end = 0;  // seconds
  bool empty() const { return begin >= end; }
};

Music music_of(const SoundFeatures& features) {
  const double top = top_of({features.peaks.begin(), features.peaks.end()}, kHighShare);
  const double least = std::max(amplitude(kSilence), top * amplitude(kMusicDb));
  const auto is_loud = [&](float peak) { return peak >= least; };
  const auto& peaks = features.fine_peaks;
  const auto first = std::ranges::find_if(peaks, is_loud);
  const auto last = std::find_if(peaks.rbegin(), peaks.rend(), is_loud);
  return {kFinePeakSeconds * static_cast<double>(first - peaks.begin()),
          first == peaks.end() ? 0 : kFinePeakSeconds * static_cast<double>(peaks.rend() - last)};
}

// Beats at exactly the same distance, through breaks too.
std::vector<double> settled_beats(const SoundFeatures& features, double hop_rate, const Music& music,
                                  const BeatRules& rules) {
  const double period = 60 / rules.slowest_bpm;
  double first =
      rules.first_beat_seconds ? *rules.first_beat_seconds : beat_phase(features.onsets, hop_rate, period);
  if (!rules.first_beat_seconds) {
    if (first > period - kPhaseSeconds)
      first = 0;  // beats begin with the sound, and were found a little early
    first += period * std::max(0.0, std::ceil((music.begin - first) / period - kBeforeMusic));
  }
  std::vector<double> beats;
  for (double beat = first; beat < music.end - kEndSeconds;
       beat = first + period * static_cast<double>(beats.size()))
    beats.push_back(beat);
  return beats;
}

std::vector<double> tracked_beats(const SoundFeatures& features, const BeatTrack& track, double frame_rate,
                                  const Music& music, const BeatRules& rules) {
  const double period = 60 / track.tempo_bpm;
  const double from =
      rules.first_beat_seconds ? *rules.first_beat_seconds - period / 4 : music.begin - kBeforeMusic * period;
  std::vector<double> beats;
  for (const double seconds : track.seconds) {
    const auto frame = static_cast<std::size_t>((seconds + kBeatTieSeconds) * frame_rate);
    if (frame >= features.loudness_lufs.size() || features.loudness_lufs[frame] <= kSilence) continue;
    if (seconds < from || seconds >= music.end || breaks_off(features, frame)) continue;
    beats.push_back(seconds);
  }
  return beats;
}

void set_beats(const SoundFeatures& features, double frame_rate, const BeatRules& rules,
               SoundAnalysis& analysis) {
  const double hop_rate = frame_rate * features.hops_per_frame;
  const Music music = music_of(features);
  if (music.empty()) return;
  if (rules.is_settled()) {
    analysis.beats = settled_beats(features, hop_rate, music, rules);
    analysis.tempo_bpm = rules.slowest_bpm;
  } else {
    const auto track = track_beats(features.onsets, hop_rate, rules);
    analysis.beats = tracked_beats(features, track, frame_rate, music, rules);
    analysis.tempo_bpm = analysis.beats.empty() ? 0 : track.tempo_bpm;
  }
  for (const double seconds : analysis.beats) {
    const auto frame = static_cast<std::size_t>((seconds + kBeatTieSeconds) * frame_rate);
    if (frame < analysis.levels.size()) analysis.levels[frame].beat = 1;
  }
}

}  // namespace

SoundAnalysis analysis_of(const SoundFeatures& features, Rational frame_rate, const BeatRules& rules) {
  SoundAnalysis analysis;
  analysis.levels.resize(features.loudness_lufs.size());
  analysis.peaks = features.peaks;
  set_loudness(features, analysis.levels);
  set_bands(features, analysis.levels);
  set_onsets(features, analysis.levels);
  set_beats(features, frame_rate.value(), rules, analysis);
  return analysis;
}

}  // namespace dreamreel::media
