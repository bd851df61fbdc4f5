#include "dreamreel/curve/series.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "series_csv.h"
#include "series_json.h"
#include "series_table.h"

namespace dreamreel::curve {
namespace {

constexpr double kReachSeconds = 1e-3;  // tables round their times to milliseconds
constexpr double kReachFrames = 0.25;
constexpr double kRounding = 1e-6;

bool is_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '[' || text[first] == '{');
}

void read_into(std::vector<SeriesReading>& readings, std::string_view text) {
  const SeriesError too_long({{0, fmt::format("expected at most {} MiB, got more", kMostSeriesBytes >> 20)}});
  if (text.size() > kMostSeriesBytes)
    for (auto& reading : readings) reading.error = too_long;
  else if (is_json(text))
    read_json(text, readings);
  else
    read_csv(text, readings);
}

}  // namespace

std::vector<std::variant<Series, SeriesError>> read_series(std::string_view text,
                                                           const std::vector<SeriesRules>& rules) {
  std::vector<SeriesReading> readings;
  for (const auto& one : rules) readings.push_back({one, {}, {}});
  read_into(readings, text);
  std::vector<std::variant<Series, SeriesError>> results;
  for (auto& [rule, data, error] : readings)
    if (error)
      results.emplace_back(std::move(*error));
    else
      results.emplace_back(Series(std::move(data.times), std::move(data.values), data.unit, rule.holds));
  return results;
}

Series::Series(std::string_view text, const SeriesRules& rules) {
  auto result = std::move(read_series(text, {rules}).front());
  if (const auto* const error = std::get_if<SeriesError>(&result)) throw SeriesError(*error);
  *this = std::get<Series>(std::move(result));
}

double Series::place_of(const CurveTime& time) const {
  if (unit_ == SeriesRules::Unit::seconds) return time.seconds;
  if (unit_ == SeriesRules::Unit::frames) return time.frame;
  static const BeatGrid kUsual;
  const BeatGrid& grid = time.beats == nullptr ? kUsual : *time.beats;
  SoundValues counts;
  grid.set_counts(time.seconds, time.frames_per_second, counts);
  return unit_ == SeriesRules::Unit::beats ? counts.beats : counts.beats / grid.meter();
}

double Series::reach_of(const CurveTime& time) const {
  if (unit_ != SeriesRules::Unit::seconds) return kRounding;
  return std::min(std::max(kReachSeconds, time.tick_seconds / 2), kReachFrames / time.frames_per_second);
}

double Series::at(const CurveTime& time) const {
  const double place = place_of(time), reach = reach_of(time);
  const auto count_until = [&](double end) {
    return static_cast<std::size_t>(std::upper_bound(times_.begin(), times_.end(), end) - times_.begin());
  };
  // Values that have come, those that are only just to come, and whether the line jumps at these.
  const std::size_t come = count_until(place), soon = count_until(place + reach);
  if (holds_) return values_[std::max<std::size_t>(soon, 1) - 1];
  if (soon > come + 1 && times_[soon - 1] == times_[soon - 2]) return values_[soon - 1];
  if (come == 0) return values_.front();
  if (come == count()) return values_.back();
  const double from = times_[come - 1], to = times_[come];
  return std::lerp(values_[come - 1], values_[come], (place - from) / (to - from));
}

double Series::least() const {
  return *std::ranges::min_element(values_);
}

double Series::most() const {
  return *std::ranges::max_element(values_);
}

}  // namespace dreamreel::curve
