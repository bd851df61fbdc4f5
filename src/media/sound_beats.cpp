#include "sound_beats.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <ranges>

namespace dreamreel::media {
namespace {

constexpr double kSlowestBpm = 60, kFastestBpm = 200;
constexpr double kPreferredBpm = 120, kPreferenceOctaves = 1;  // a Gaussian over the logarithm of tempo
constexpr double kTempoWindowSeconds = 10, kTempoHopSeconds = 2.5;
constexpr double kTempoChangeCost = 4;  // for an octave, in units of autocorrelation
constexpr double kLeastRhythm = 0.12;   // mean autocorrelation at the tempo; noise has less
constexpr double kTightness = 100;      // Ellis' alpha, for a curve of unit variance
constexpr double kLocalSeconds = 1.5;   // over which a curve's own level is taken off
constexpr double kWeakest = 0.1;        // of the median beat: weaker ones at either end are none
constexpr double kSameTempo = 0.1;      // times between beats this near the median make the tempo

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

// Loud and soft passages alike, above their own level, of unit variance. Empty where nothing happens.
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

Periods find_periods(const Curve& curve, double rate) {
  Periods periods;
  periods.shortest = static_cast<std::size_t>(rate * 60 / kFastestBpm);
  const auto longest = static_cast<std::size_t>(std::ceil(rate * 60 / kSlowestBpm));
  const auto window = static_cast<std::size_t>(kTempoWindowSeconds * rate);
  const auto hop = static_cast<std::size_t>(kTempoHopSeconds * rate);
  for (std::size_t middle = 0; middle < curve.size(); middle += hop) {
    const std::size_t begin = middle < window / 2 ? 0 : middle - window / 2;
    const std::size_t end = std::min(curve.size(), middle + window / 2);
    const Curve plain = autocorrelation(curve, begin, end, 2 * longest + 1);
    Curve evidence, rhythm;
    for (std::size_t lag = periods.shortest; lag <= longest; ++lag) {
      const double octaves = std::log2(60 * rate / static_cast<double>(lag) / kPreferredBpm);
      const double preference = std::exp(-0.5 * std::pow(octaves / kPreferenceOctaves, 2));
      evidence.push_back(preference * (plain[lag] + 0.5 * plain[2 * lag]));
      rhythm.push_back(plain[lag]);
    }
    periods.evidence.push_back(std::move(evidence));
    periods.rhythm.push_back(std::move(rhythm));
  }
  return periods;
}

// The path through the windows with the most evidence and the least change (Viterbi): an index into each window's
// periods.
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
  for (const auto& origin : std::views::reverse(from)) path.push_back(origin[path.back()]);
  std::ranges::reverse(path);
  return path;
}

// The beat period in samples at every sample; empty where there is no rhythm.
Curve period_curve(const Curve& curve, double rate) {
  const Periods periods = find_periods(curve, rate);
  const auto path = best_path(periods);
  double rhythm = 0;
  for (std::size_t w = 0; w < path.size(); ++w) rhythm += periods.rhythm[w][path[w]];
  if (rhythm < kLeastRhythm * static_cast<double>(path.size())) return {};
  const double hop = std::floor(kTempoHopSeconds * rate);
  Curve result;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double place = std::min(static_cast<double>(i) / hop, static_cast<double>(path.size() - 1));
    const auto w = static_cast<std::size_t>(place);
    const std::size_t next = std::min(w + 1, path.size() - 1);
    const double part = place - static_cast<double>(w);
    result.push_back(static_cast<double>(periods.shortest) + (1 - part) * static_cast<double>(path[w]) +
                     part * static_cast<double>(path[next]));
  }
  return result;
}

// Ellis' recursion: the best run of beats that ends at each sample, and the beat before it.
std::vector<std::size_t> best_beats(const Curve& curve, const Curve& periods) {
  constexpr auto kNone = std::numeric_limits<std::size_t>::max();
  Curve score(curve);
  std::vector<std::size_t> before(curve.size(), kNone);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const auto nearest = static_cast<std::size_t>(std::max(1.0, periods[i] / 2));
    const auto farthest = static_cast<std::size_t>(2 * periods[i]);
    double best = 0;  // a beat that nothing leads to is a first one
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

double tempo_of(const std::vector<double>& seconds) {
  Curve gaps;
  for (std::size_t i = 1; i < seconds.size(); ++i) gaps.push_back(seconds[i] - seconds[i - 1]);
  const double usual = median(gaps);
  std::erase_if(gaps, [&](double gap) { return std::abs(gap - usual) > kSameTempo * usual; });
  return 60 * static_cast<double>(gaps.size()) / std::accumulate(gaps.begin(), gaps.end(), 0.0);
}

}  // namespace

BeatTrack track_beats(const std::vector<float>& onsets, double rate) {
  const Curve curve = prepared(onsets, rate);
  if (curve.empty()) return {};
  const Curve periods = period_curve(curve, rate);
  if (periods.empty()) return {};
  std::vector<Peak> peaks;
  Curve heights;
  for (const std::size_t beat : best_beats(curve, periods)) {
    peaks.push_back(peak_near(curve, beat, periods[beat]));
    heights.push_back(peaks.back().height);
    if (peaks.back().height <= 0) peaks.back().place = static_cast<double>(beat);
  }
  const double weakest = kWeakest * median(heights);
  const auto is_strong = [&](const Peak& peak) { return peak.height > weakest; };
  const auto first = std::ranges::find_if(peaks, is_strong);
  const auto last = std::find_if(peaks.rbegin(), peaks.rend(), is_strong).base();
  BeatTrack track;
  for (auto peak = first; peak < last; ++peak) track.seconds.push_back((peak->place + 0.5) / rate);
  if (track.seconds.size() < 4) return {};
  track.tempo_bpm = tempo_of(track.seconds);
  return track;
}

}  // namespace dreamreel::media
