// A number over time out of a table that another program wrote: CSV or JSON. docs/series.md describes the
// files.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/curve/series_rules.h"

namespace dreamreel::curve {

/// Limits for strangers' files.
inline constexpr std::size_t kMostSeriesBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMostSeriesValues = 1'000'000;

/// One mistake in a file.
struct SeriesFault {
  int line = 0;         ///< from 1; 0 for the whole file
  std::string message;  ///< "column 2 (value): expected a number, got "abc""
};

/// All mistakes of a file, at most kMostFaults.
class SeriesError : public std::invalid_argument {
 public:
  static constexpr std::size_t kMostFaults = 8;
  explicit SeriesError(std::vector<SeriesFault> faults)
      : std::invalid_argument(faults.front().message), faults_(std::move(faults)) {}
  const std::vector<SeriesFault>& faults() const { return faults_; }

 private:
  std::vector<SeriesFault> faults_;
};

/// Immutable; any thread may read it.
class Series {
 public:
  /// Reads the text of a CSV file, or of a JSON file if it begins with [ or {. Throws SeriesError.
  Series(std::string_view text, const SeriesRules& rules);
  /// `times` never fall; `values` are as many, at least one. `unit`: seconds, frames, beats or bars.
  Series(std::vector<double> times, std::vector<double> values, SeriesRules::Unit unit, bool holds)
      : times_(std::move(times)), values_(std::move(values)), unit_(unit), holds_(holds) {}

  /// The value at a time: on a straight line between the two values around it, or the last value that has
  /// come if the series holds. Before the first time the first value, and after the last time the last value.
  /// Of several values at the same time, the last one counts from this time on. A held value counts from a
  /// frame on if its time is at most 1 ms (and a quarter of a frame) after that frame, because tables round
  /// their times. Times in beats fall into the frames in which `beats` becomes as large.
  double at(const CurveTime& time) const;

  std::size_t count() const { return values_.size(); }
  double first_time() const { return times_.front(); }  ///< in unit()
  double last_time() const { return times_.back(); }    ///< in unit()
  double least() const;
  double most() const;
  SeriesRules::Unit unit() const { return unit_; }  ///< seconds, frames, beats or bars

 private:
  double place_of(const CurveTime& time) const;
  double reach_of(const CurveTime& time) const;

  std::vector<double> times_, values_;  // of the same length, at least one; times_ never fall
  SeriesRules::Unit unit_ = SeriesRules::Unit::seconds;
  bool holds_ = false;
};

/// Reads several series out of one text in one go: for each of `rules` the series, or the mistakes that keep
/// it from being one.
std::vector<std::variant<Series, SeriesError>> read_series(std::string_view text,
                                                           const std::vector<SeriesRules>& rules);

}  // namespace dreamreel::curve
