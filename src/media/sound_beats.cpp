#include "sound_beats.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "percentile.h"

namespace dreamreel::media {
namespace {

constexpr double kPreferredBpm = 120, kPreferenceOctaves = 1;  // a Gaussian over the logarithm of tempo
constexpr double kTempoWindowSeconds = 10, kTempoHopSeconds = 2.5;
constexpr double kTempoChangeCost = 4;  // for an octave, in units of autocorrelation
constexpr double kLeastRhythm = 0.12;   // mean autocorrelation at the tempo; noise has less
constexpr double kTightness = 100;      // Ellis' alpha, for a curve of unit variance
constexpr double kLocalSeconds = 1.5;   // the curve's mean over this time is subtracted from it
constexpr double kStrongShare = 0.9;    // strong beats are the percentile of all heights at this share
constexpr double kWeak = 0.25;          // share of the strong beats: weaker stretches must prove their rhythm
// The height of a beat over the root mean square around it. The ripple of a chord, and speech, reach 2 to
// 2.9, a strummed chord reaches 3.2, and drums 4 to 8.
constexpr double kLeastPeaked = 3;      // least height for a loud stretch
constexpr double kPeaked = 4.5;         // least height for a weak stretch
constexpr double kNoRhythm = 0.06;      // with less autocorrelation, even a loud stretch has no rhythm
constexpr std::ptrdiff_t kStretch = 4;  // a beat is judged by this many beats to either side
constexpr std::size_t kLeastRun = 8;    // beats, or half the track: a shorter run may be chance
constexpr double kUsual = 0.75;   // the usual beat of a stretch is this percentile; off-beats are weaker
constexpr double kWeakest = 0.3;  // share of the usual beat: weaker beats at either end of a run are dropped
constexpr double kSameTempo = 0.1;  // the tempo is made of times between beats this close to the median

using Curve = std::vector<double>;

// Mean over a window of 2 * radius + 1, shorter at the ends.
Curve moving_mean(const Curve& curve, std::size_t radius) {
  Curve sums(curve.size() + 1, 0);
  std::partial_sum(curve.begin(), curve.end(), sums.begin() + 1);
  Curve means(curve.size());
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const std::size_t begin = i < radius ? 0 : i - radius;
    const std::size_t end = std::min(curve.size(), i + radius + 1);
    means[i] = (sums[end] - sums[begin]) / static_cast<double>(end - begin);
  }
  return means;
}

// Prepares the onset curve: its local mean is subtracted, so that loud and soft passages count alike, and it
// is scaled to unit variance. Empty if nothing happens in the whole curve.
Curve prepared(const std::vector<float>& onsets, double rate) {
  Curve curve;
  for (const float value : onsets) curve.push_back(std::sqrt(std::max(0.0F, value)));
  const Curve mean = moving_mean(curve, static_cast<std::size_t>(kLocalSeconds * rate));
  double square = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    curve[i] = std::max(0.0, curve[i] - mean[i]);
    square += curve[i] * curve[i];
  }
  if (square <= 0) return {};
  const double scale = std::sqrt(static_cast<double>(curve.size()) / square);
  for (double& value : curve) value *= scale;
  return curve;
}

// Evidence for each beat period, in samples from `shortest` on, around one moment.
struct Periods {
  std::size_t shortest = 0;
  std::vector<Curve> evidence;  // a window each
  std::vector<Curve> rhythm;    // plain autocorrelation
};

// Autocorrelation of a stretch of the curve about its mean, 1 at lag 0, unbiased by half at long lags.
Curve autocorrelation(const Curve& curve, std::size_t begin, std::size_t end, std::size_t lags) {
  Curve part(curve.begin() + static_cast<std::ptrdiff_t>(begin),
             curve.begin() + static_cast<std::ptrdiff_t>(end));
  const double mean = std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(part.size());
  for (double& value : part) value -= mean;
  const auto product = [&](std::size_t lag) {
    return std::inner_product(part.begin() + static_cast<std::ptrdiff_t>(lag), part.end(), part.begin(), 0.0);
  };
  const double power = product(0);
  Curve result(lags, 0);
  for (std::size_t lag = 0; power > 0 && lag < std::min(lags, part.size()); ++lag) {
    const std::size_t counted = part.size() - lag / 2;
    result[lag] = product(lag) / power * static_cast<double>(part.size()) / static_cast<double>(counted);
  }
  return result;
}

double preferred_bpm(const BeatRules& rules) {
  const BeatRules usual;
  const bool is_usual = rules.slowest_bpm == usual.slowest_bpm && rules.fastest_bpm == usual.fastest_bpm;
  return is_usual ? kPreferredBpm : std::sqrt(rules.slowest_bpm * rules.fastest_bpm);
}

Periods find_periods(const Curve& curve, double rate, const BeatRules& rules) {
  Periods periods;
  periods.shortest = static_cast<std::size_t>(rate * 60 / rules.fastest_bpm);
  const auto longest = static_cast<std::size_t>(std::ceil(rate * 60 / rules.slowest_bpm));
  const double preferred = preferred_bpm(rules);
  const auto window = static_cast<std::size_t>(kTempoWindowSeconds * rate);
  const auto hop = static_cast<std::size_t>(kTempoHopSeconds * rate);
  for (std::size_t middle = 0; middle < curve.size(); middle += hop) {
    const std::size_t begin = middle < window / 2 ? 0 : middle - window / 2;
    const std::size_t end = std::min(curve.size(), middle + window / 2);
    const Curve plain = autocorrelation(curve, begin, end, 2 * longest + 1);
    Curve evidence, rhythm;
    for (std::size_t lag = periods.shortest; lag <= longest; ++lag) {
      const double octaves = std::log2(60 * rate / static_cast<double>(lag) / preferred);
      const double preference = std::exp(-0.5 * std::pow(octaves / kPreferenceOctaves, 2));
      evidence.push_back(preference * (plain[lag] + 0.5 * plain[2 * lag]));
      rhythm.push_back(plain[lag]);
    }
    periods.evidence.push_back(std::move(evidence));
    periods.rhythm.push_back(std::move(rhythm));
  }
  return periods;
}

// Finds the path through the windows with the most evidence and the least change (Viterbi). The result has
// one index into each window's periods.
std::vector<std::size_t> best_path(const Periods& periods) {
  const std::size_t count = periods.evidence.front().size();
  std::vector<std::vector<std::size_t>> from;
  Curve score = periods.evidence.front();
  const auto change_cost = [&](std::size_t a, std::size_t b) {
    return kTempoChangeCost * std::abs(std::log2(static_cast<double>(periods.shortest + a) /
                                                 static_cast<double>(periods.shortest + b)));
  };
  std::vector<Curve> costs(count, Curve(count));
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = 0; b < count; ++b) costs[a][b] = change_cost(a, b);
  for (std::size_t w = 1; w < periods.evidence.size(); ++w) {
    Curve next(count);
    std::vector<std::size_t> origin(count);
    for (std::size_t to = 0; to < count; ++to) {
      double best = -std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < count; ++i)
        if (const double value = score[i] - costs[to][i]; value > best) best = value, origin[to] = i;
      next[to] = best + periods.evidence[w][to];
    }
    score = std::move(next);
    from.push_back(std::move(origin));
  }
  std::vector<std::size_t> path{static_cast<std::size_t>(std::ranges::max_element(score) - score.begin())};
  std::for_each(from.rbegin(), from.rend(), [&](const auto& origin) { path.push_back(origin[path.back()]); });
  std::ranges::reverse(path);
  return path;
}

// What is known of the tempo at every sample.
struct Tempo {
  Curve periods;  // in samples; empty without a rhythm
  Curve rhythm;   // autocorrelation at the period
};

Tempo tempo_curves(const Curve& curve, double rate, const BeatRules& rules) {
  const Periods periods = find_periods(curve, rate, rules);
  const auto path = best_path(periods);
  double rhythm = 0;
  for (std::size_t w = 0; w < path.size(); ++w) rhythm += periods.rhythm[w][path[w]];
  if (rhythm < kLeastRhythm * static_cast<double>(path.size())) return {};
  const double hop = std::floor(kTempoHopSeconds * rate);
  Tempo tempo;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double place = std::min(static_cast<double>(i) / hop, static_cast<double>(path.size() - 1));
    const auto w = static_cast<std::size_t>(place);
    const std::size_t next = std::min(w + 1, path.size() - 1);
    const double part = place - static_cast<double>(w);
    tempo.periods.push_back(static_cast<double>(periods.shortest) +
                            (1 - part) * static_cast<double>(path[w]) +
                            part * static_cast<double>(path[next]));
    tempo.rhythm.push_back(std::lerp(periods.rhythm[w][path[w]], periods.rhythm[next][path[next]], part));
  }
  return tempo;
}

// Ellis' recursion: the best run of beats that ends at each sample, and the beat before it.
std::vector<std::size_t> best_beats(const Curve& curve, const Curve& periods) {
  constexpr auto kNone = std::numeric_limits<std::size_t>::max();
  Curve score(curve);
  std::vector<std::size_t> before(curve.size(), kNone);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const auto nearest = static_cast<std::size_t>(std::max(1.0, periods[i] / 2));
    const auto farthest = static_cast<std::size_t>(2 * periods[i]);
    double best = 0;  // a beat without a predecessor is a first beat
    for (std::size_t gap = nearest; gap <= farthest && gap <= i; ++gap) {
      const double off = std::log(static_cast<double>(gap) / periods[i]);
      const double value = score[i - gap] - kTightness * off * off;
      if (value > best) best = value, before[i] = i - gap;
    }
    score[i] += best;
  }
  const auto last_period = static_cast<std::ptrdiff_t>(periods.back());
  const auto tail =
      score.end() - std::min<std::ptrdiff_t>(last_period, static_cast<std::ptrdiff_t>(score.size()));
  std::vector<std::size_t> beats{
      static_cast<std::size_t>(std::max_element(tail, score.end()) - score.begin())};
  while (before[beats.back()] != kNone) beats.push_back(before[beats.back()]);
  std::ranges::reverse(beats);
  return beats;
}

// The peak of the curve near a beat, between samples: the vertex of the parabola through three of them.
struct Peak {
  double place = 0, height = 0;
  double over_rms = 0;  // height over the root mean square of the curve a period to either side
  double rhythm = 0;
};
Peak peak_near(const Curve& curve, std::size_t beat, double period) {
  const auto reach = static_cast<std::size_t>(std::max(1.0, period / 16));
  const std::size_t begin = beat < reach ? 0 : beat - reach;
  const std::size_t end = std::min(curve.size(), beat + reach + 1);
  const auto top =
      static_cast<std::size_t>(std::max_element(curve.begin() + static_cast<std::ptrdiff_t>(begin),
                                                curve.begin() + static_cast<std::ptrdiff_t>(end)) -
                               curve.begin());
  Peak peak{static_cast<double>(top), curve[top]};
  if (top == 0 || top + 1 >= curve.size()) return peak;
  const double bend = curve[top - 1] - 2 * curve[top] + curve[top + 1];
  if (bend < 0) peak.place += 0.5 * (curve[top - 1] - curve[top + 1]) / bend;
  return peak;
}

double median(Curve values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double rms_around(const Curve& curve, std::size_t middle, double period) {
  const auto reach = static_cast<std::size_t>(period);
  const std::size_t begin = middle < reach ? 0 : middle - reach;
  const std::size_t end = std::min(curve.size(), middle + reach + 1);
  double square = 0;
  for (std::size_t i = begin; i < end; ++i) square += curve[i] * curve[i];
  return std::sqrt(square / static_cast<double>(end - begin));
}

std::vector<Peak> peaks_at(const std::vector<std::size_t>& beats, const Curve& curve, const Tempo& tempo) {
  std::vector<Peak> peaks;
  for (const std::size_t beat : beats) {
    const double period = tempo.periods[beat];
    Peak peak = peak_near(curve, beat, period);
    if (peak.height <= 0) peak.place = static_cast<double>(beat);
    const double rms = rms_around(curve, beat, period);
    peak.over_rms = rms > 0 ? peak.height / rms : 0;
    peak.rhythm = tempo.rhythm[beat];
    peaks.push_back(peak);
  }
  return peaks;
}

double usual(const std::vector<Peak>& peaks, double Peak::*value) {
  Curve values;
  for (const Peak& peak : peaks) values.push_back(peak.*value);
  return percentile(std::move(values), kUsual);
}

// Whether a stretch has rhythm. Beats are laid through the whole track, so pads, speech and noise before,
// between and after the music get beats too. Such beats do not stand out, and most are weak. Soft drums and
// single notes do stand out.
bool has_rhythm(const std::vector<Peak>& stretch, double strong) {
  const double rhythm = usual(stretch, &Peak::rhythm), over_rms = usual(stretch, &Peak::over_rms);
  if (usual(stretch, &Peak::height) >= kWeak * strong) return rhythm >= kNoRhythm && over_rms >= kLeastPeaked;
  return rhythm >= kLeastRhythm && over_rms >= kPeaked;
}

// The beats that can be heard: the beats of stretches with rhythm. Each run begins with its first beat that
// is not weak, and ends with its last such beat.
std::vector<Peak> heard(const std::vector<Peak>& peaks) {
  Curve heights;
  for (const Peak& peak : peaks) heights.push_back(peak.height);
  const double strong = percentile(heights, kStrongShare);
  const auto count = static_cast<std::ptrdiff_t>(peaks.size());
  const auto stretch = [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    return std::vector<Peak>(peaks.begin() + std::max<std::ptrdiff_t>(0, first),
                             peaks.begin() + std::min(count, last + 1));
  };
  const std::size_t least = std::min(kLeastRun, peaks.size() / 2);
  std::vector<Peak> kept;
  std::size_t run_begin = 0,
              run_end = 0;  // the present run in `kept`: its first and last beat that is not weak
  bool in_run = false;
  const auto close_run = [&] {
    kept.resize(run_end - run_begin < least ? run_begin : run_end);
    run_begin = run_end = kept.size();
  };
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const Peak& peak = peaks[static_cast<std::size_t>(i)];
    const auto is_strong_in = [&peak](const std::vector<Peak>& there) {
      return peak.height > kWeakest * usual(there, &Peak::height);
    };
    const bool goes_on = has_rhythm(stretch(i - kStretch, i + kStretch), strong);
    if (!goes_on) close_run();
    in_run = goes_on && (in_run || is_strong_in(stretch(i, i + 2 * kStretch)));
    if (!in_run) continue;
    kept.push_back(peak);
    if (is_strong_in(stretch(i - 2 * kStretch, i))) run_end = kept.size();
  }
  close_run();
  return kept;
}

struct Tracked {
  std::size_t laid = 0;  // beats through the whole track
  std::vector<Peak> beats;
};

Tracked tracked(const Curve& curve, double rate, const BeatRules& rules) {
  const Tempo tempo = tempo_curves(curve, rate, rules);
  if (tempo.periods.empty()) return {};
  const auto peaks = peaks_at(best_beats(curve, tempo.periods), curve, tempo);
  return {peaks.size(), heard(peaks)};
}

// Clears the curve where it is farther than a stretch from every beat, so that a pad before the drums does
// not influence their tempo.
void keep_what_is_near(const std::vector<Peak>& beats, double rate, const BeatRules& rules, Curve& curve) {
  const double reach = (kStretch + 1) * rate * 60 / rules.slowest_bpm;
  std::size_t next = 0;  // the first sample that is still undecided
  for (const Peak& beat : beats) {
    const auto begin = static_cast<std::size_t>(std::max(0.0, beat.place - reach));
    if (begin > next)
      std::fill(curve.begin() + static_cast<std::ptrdiff_t>(next),
                curve.begin() + static_cast<std::ptrdiff_t>(begin), 0.0);
    next = std::min(curve.size(), std::max(next, static_cast<std::size_t>(beat.place + reach)));
  }
  std::fill(curve.begin() + static_cast<std::ptrdiff_t>(next), curve.end(), 0.0);
}

double tempo_of(const std::vector<double>& seconds) {
  Curve gaps;
  for (std::size_t i = 1; i < seconds.size(); ++i) gaps.push_back(seconds[i] - seconds[i - 1]);
  const double usual = median(gaps);
  std::erase_if(gaps, [&](double gap) { return std::abs(gap - usual) > kSameTempo * usual; });
  return 60 * static_cast<double>(gaps.size()) / std::accumulate(gaps.begin(), gaps.end(), 0.0);
}

}  // namespace

double beat_phase(const std::vector<float>& onsets, double rate, double period_seconds) {
  const Curve curve = prepared(onsets, rate);
  if (curve.empty()) return 0;
  // All periods laid over each other. A sample between two bins counts for both.
  const double period = period_seconds * rate;  // in samples
  const auto bins = static_cast<std::size_t>(std::ceil(period));
  Curve folded(bins, 0);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double place = std::fmod(static_cast<double>(i) + 0.5, period) / period * static_cast<double>(bins);
    const auto bin = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(bin);
    folded[bin % bins] += (1 - part) * curve[i];
    folded[(bin + 1) % bins] += part * curve[i];
  }
  // Beats are a little uneven, so neighbouring bins are added up before the best one is chosen.
  const auto around = [&](std::size_t bin) {
    return folded[(bin + bins - 1) % bins] + 2 * folded[bin] + folded[(bin + 1) % bins];
  };
  std::size_t best = 0;
  for (std::size_t bin = 1; bin < bins; ++bin)
    if (around(bin) > around(best)) best = bin;
  const double before = around((best + bins - 1) % bins), after = around((best + 1) % bins);
  const double bend = before - 2 * around(best) + after;
  const double place = static_cast<double>(best) + (bend < 0 ? 0.5 * (before - after) / bend : 0);
  const double wrapped = std::fmod(place + static_cast<double>(bins), static_cast<double>(bins));
  return wrapped / static_cast<double>(bins) * period_seconds;
}

BeatTrack track_beats(const std::vector<float>& onsets, double rate, const BeatRules& rules) {
  Curve curve = prepared(onsets, rate);
  if (curve.empty()) return {};
  Tracked first = tracked(curve, rate, rules);
  if (first.beats.empty()) return {};
  if (first.laid - first.beats.size() > static_cast<std::size_t>(kStretch)) {
    keep_what_is_near(first.beats, rate, rules, curve);
    first = tracked(curve, rate, rules);
  }
  BeatTrack track;
  for (const Peak& peak : first.beats) track.seconds.push_back((peak.place + 0.5) / rate);
  if (track.seconds.size() < 4) return {};
  track.tempo_bpm = tempo_of(track.seconds);
  return track;
}

}  // namespace dreamreel::media
