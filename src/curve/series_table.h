// What the readers of CSV and JSON share: columns are found by heading or number, times get their unit, and
// mistakes are collected.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/curve/series.h"

namespace dreamreel::curve {

/// Rising times with a value each. The unit is seconds, frames, beats or bars.
struct SeriesData {
  std::vector<double> times, values;
  SeriesRules::Unit unit = SeriesRules::Unit::seconds;
};

/// A series that is to be read, and then its data or its mistakes.
struct SeriesReading {
  SeriesRules rules;
  SeriesData data;
  std::optional<SeriesError> error;
  /// Calls `read`, and keeps the mistakes that it throws. Does nothing after a mistake.
  template <typename Read>
  void guard(const Read& read) {
    if (error) return;
    try {
      read();
    } catch (const SeriesError& thrown) {
      error = thrown;
    }
  }
};

/// The parts that a row has: headings, or nothing but a count.
struct Columns {
  std::vector<std::string> headings;  ///< "" for a column without a heading
  int line = 0;                       ///< where they stand; 0 if nowhere
  std::size_t count() const { return headings.size(); }
  /// "column 2 (value)"; `i` counts from 0.
  std::string name_of(std::size_t i) const;
};

/// Collects mistakes, and ends the reading once there are too many to show.
class SeriesFaults {
 public:
  void add(int line, std::string message);
  [[noreturn]] void end(int line, std::string message);  ///< add() and throw
  void throw_if_any() const;
  bool empty() const { return faults_.empty(); }

 private:
  std::vector<SeriesFault> faults_;
};

/// Collects the values of a series, row by row.
class SeriesBuilder {
 public:
  SeriesBuilder(const SeriesRules& rules, SeriesFaults& faults) : rules_(rules), faults_(faults) {}

  /// Chooses the columns. `first_is_time`: the first column has the times if the rules name none. Otherwise
  /// the column whose heading says so, if there is any.
  void set_columns(const Columns& columns, bool first_is_time);
  std::size_t column() const { return column_; }
  std::optional<std::size_t> time_column() const { return time_column_; }
  const Columns& columns() const { return columns_; }

  /// A row of the table. nullopt as `value` passes it over. Without a time column, rows count as frames.
  void add(int line, std::optional<double> time, std::optional<double> value);

  /// A row of which nothing is known.
  void skip_row() { ++rows_; }

  /// Throws if there are mistakes or no values.
  SeriesData finish();

  /// Whether the rules name a column of values or times that is not among these.
  bool lacks_a_column(const Columns& columns) const;

 private:
  std::size_t find(const std::string& wanted, const char* key) const;
  void set_unit();

  const SeriesRules& rules_;
  SeriesFaults& faults_;
  Columns columns_;
  std::size_t column_ = 0;
  std::optional<std::size_t> time_column_;
  double seconds_of_one_ = 0;  // unit of the file's times in seconds; 0: not in seconds
  SeriesData data_;
  std::size_t rows_ = 0;
  int last_line_ = 0;
};

/// A finite number; spaces around it and a sign before it are allowed. `comma`: the decimal point may be one.
std::optional<double> parse_series_number(std::string_view text, bool comma);
/// In quotes, shortened, with control characters made visible.
std::string quoted_for_fault(std::string_view text);
std::string trimmed(std::string_view text);
/// Whether objects of JSON have their times in the field of this name, if the rules name no other field.
bool is_time_field(std::string_view name);

}  // namespace dreamreel::curve
