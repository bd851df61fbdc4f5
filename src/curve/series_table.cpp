#include "series_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

#include "dreamreel/core/printable.h"
#include "dreamreel/core/suggest.h"

namespace dreamreel::curve {
namespace {

using Unit = SeriesRules::Unit;

constexpr double kLargestValue = 1e12, kLargestTime = 1e9;

std::string text_of(double number) {
  std::array<char, 32> buffer{};  // the shortest form of a double has at most 24 characters
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr};
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

struct UnitWord {
  std::string_view word;
  Unit unit;
};
constexpr std::array<UnitWord, 17> kUnitWords{{{"frame", Unit::frames},
                                               {"frames", Unit::frames},
                                               {"n", Unit::frames},
                                               {"ms", Unit::milliseconds},
                                               {"msec", Unit::milliseconds},
                                               {"millisecond", Unit::milliseconds},
                                               {"milliseconds", Unit::milliseconds},
                                               {"beat", Unit::beats},
                                               {"beats", Unit::beats},
                                               {"bar", Unit::bars},
                                               {"bars", Unit::bars},
                                               {"t", Unit::seconds},
                                               {"s", Unit::seconds},
                                               {"sec", Unit::seconds},
                                               {"second", Unit::seconds},
                                               {"seconds", Unit::seconds},
                                               {"time", Unit::seconds}}};

// The unit that a heading such as "time (ms)" or "frame" names, if it names any. Of several words, the last
// one counts, because a unit stands behind what it measures: "frame time (s)".
std::optional<Unit> unit_in(std::string_view heading) {
  std::vector<std::string> words(1);
  for (const char c : lower(heading))
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  std::optional<Unit> found;
  for (const auto& text : words)
    if (const auto* const known = std::ranges::find(kUnitWords, text, &UnitWord::word);
        known != kUnitWords.end())
      found = known->unit;
  return found;
}

// The fields that may have the times in objects of JSON; the first one that is there has them.
constexpr std::array<std::string_view, 7> kTimeFields{"frame",     "frames", "time",   "t",
                                                      "timestamp", "ms",     "seconds"};

std::optional<std::size_t> time_field(const Columns& columns) {
  for (const auto name : kTimeFields)
    for (std::size_t i = 0; i < columns.count(); ++i)
      if (lower(columns.headings[i]) == name) return i;
  return {};
}

std::string list_of(const Columns& columns) {
  constexpr std::size_t kMost = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(columns.count(), kMost); ++i)
    text += (i == 0 ? "" : ", ") +
            (columns.headings[i].empty() ? std::to_string(i + 1) : quoted_for_fault(columns.headings[i]));
  return columns.count() > kMost ? fmt::format("{} and {} more", text, columns.count() - kMost) : text;
}

const char* name_of(Unit unit) {
  constexpr std::array<const char*, 5> kNames{"seconds", "milliseconds", "frames", "beats", "bars"};
  return kNames.at(static_cast<std::size_t>(unit));
}

}  // namespace

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

std::optional<double> parse_series_number(std::string_view text, bool comma) {
  std::string digits = trimmed(text);
  if (comma)
    if (const auto place = digits.find(','); place != std::string::npos) digits[place] = '.';
  const bool has_sign = digits.starts_with('+');
  const char* const begin = digits.data() + (has_sign ? 1 : 0);
  const char* const end = digits.data() + digits.size();
  double number = 0;
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || rest != end || !std::isfinite(number)) return {};
  if (has_sign && *begin == '-') return {};
  return number;
}

bool is_time_field(std::string_view name) {
  return std::ranges::find(kTimeFields, lower(name)) != kTimeFields.end();
}

std::string quoted_for_fault(std::string_view text) {
  constexpr std::size_t kMost = 40;
  const bool is_long = text.size() > kMost;
  return "\"" + printable(std::string(text.substr(0, kMost))) + (is_long ? "...\"" : "\"");
}

std::string Columns::name_of(std::size_t i) const {
  const std::string number = fmt::format("column {}", i + 1);
  return headings[i].empty() ? number : fmt::format("{} ({})", number, printable(headings[i].substr(0, 40)));
}

void SeriesFaults::add(int line, std::string message) {
  faults_.push_back({line, std::move(message)});
  if (faults_.size() == SeriesError::kMostFaults) throw SeriesError(faults_);
}

void SeriesFaults::end(int line, std::string message) {
  faults_.push_back({line, std::move(message)});
  throw SeriesError(faults_);
}

void SeriesFaults::throw_if_any() const {
  if (!faults_.empty()) throw SeriesError(faults_);
}

// A heading, or a number from 1.
std::size_t SeriesBuilder::find(const std::string& wanted, const char* key) const {
  const auto& headings = columns_.headings;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < headings.size(); ++i)
    if (headings[i] == wanted) found.push_back(i);
  for (std::size_t i = 0; found.empty() && i < headings.size(); ++i)
    if (lower(headings[i]) == lower(wanted)) found.push_back(i);
  if (found.size() > 1)
    faults_.end(columns_.line,
                fmt::format("{}: {} columns have the heading {}; give the number of one of them, from 1", key,
                            found.size(), quoted_for_fault(wanted)));
  if (!found.empty()) return found.front();
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  if (error == std::errc{} && end == wanted.data() + wanted.size() && number >= 1 &&
      number <= headings.size())
    return number - 1;
  faults_.end(columns_.line,
              fmt::format("{}: expected one of the columns {}, got {}{}", key, list_of(columns_),
                          quoted_for_fault(wanted), did_you_mean(wanted, headings)));
}

bool SeriesBuilder::lacks_a_column(const Columns& columns) const {
  const auto lacks = [&](const std::string& wanted) {
    const auto is_wanted = [&](const std::string& heading) { return lower(heading) == lower(wanted); };
    return !wanted.empty() && std::ranges::none_of(columns.headings, is_wanted);
  };
  return lacks(rules_.column) || lacks(rules_.time_column);
}

void SeriesBuilder::set_columns(const Columns& columns, bool first_is_time) {
  columns_ = columns;
  const bool is_named = !rules_.column.empty();
  const std::size_t wanted = is_named ? find(rules_.column, "column") : columns_.count();
  if (!rules_.time_column.empty())
    time_column_ = find(rules_.time_column, "time_column");
  else if (!first_is_time)
    time_column_ = time_field(columns_);
  else if (columns_.count() > 1 && wanted != 0)
    time_column_ = 0;
  if (is_named && time_column_ && wanted == *time_column_)
    faults_.end(columns_.line, "column: expected a column of values, got the column of the times: " +
                                   columns_.name_of(wanted));
  const std::size_t others = columns_.count() - (time_column_ ? 1 : 0);
  if (!is_named && others != 1)
    faults_.end(columns_.line, others == 0 ? "expected a column of values beside the times, got none"
                                           : "set column to one of the columns " + list_of(columns_));
  const bool is_first_time = time_column_ && *time_column_ == 0;
  column_ = is_named ? wanted : is_first_time ? 1 : 0;
  set_unit();
}

void SeriesBuilder::set_unit() {
  if (!time_column_) {
    if (rules_.unit && rules_.unit != Unit::frames)
      faults_.end(
          columns_.line,
          fmt::format(
              "time: expected frames, because the file has no times, got {}; set time_column if it has",
              name_of(*rules_.unit)));
    data_.unit = rules_.rate ? Unit::seconds : Unit::frames;
    seconds_of_one_ = rules_.rate ? 1 / *rules_.rate : 0;
    return;
  }
  const auto named = unit_in(columns_.headings[*time_column_]);
  const Unit unit = rules_.unit.value_or(named.value_or(Unit::seconds));
  if (!rules_.unit && (unit == Unit::beats || unit == Unit::bars))
    faults_.end(columns_.line, fmt::format("the times in {} seem to be in {}; set time: {}",
                                           columns_.name_of(*time_column_), name_of(unit), name_of(unit)));
  if (rules_.rate && unit != Unit::frames)
    faults_.end(columns_.line,
                fmt::format("rate: expected none beside times in {}; set time: frames if {} has frames",
                            name_of(unit), columns_.name_of(*time_column_)));
  data_.unit = unit;
  if (unit == Unit::milliseconds || rules_.rate) data_.unit = Unit::seconds;
  if (unit == Unit::milliseconds) seconds_of_one_ = 1e-3;
  if (rules_.rate) seconds_of_one_ = 1 / *rules_.rate;
}

void SeriesBuilder::add(int line, std::optional<double> time, std::optional<double> value) {
  const double place = time.value_or(static_cast<double>(rows_++));
  if (!value) return;
  if (std::abs(*value) > kLargestValue)
    return faults_.add(line, fmt::format("{}: expected a number from -1e12 to 1e12, got {}",
                                         columns_.name_of(column_), text_of(*value)));
  if (std::abs(place) > kLargestTime)
    return faults_.add(line, fmt::format("{}: expected a time from -1e9 to 1e9, got {}",
                                         columns_.name_of(*time_column_), text_of(place)));
  // A division, so that 3 frames at 30 a second are the same double as frame 3 of the job.
  const double scaled = rules_.rate           ? place / *rules_.rate
                        : seconds_of_one_ > 0 ? place * seconds_of_one_
                                              : place;
  if (!data_.times.empty() && scaled < data_.times.back())
    return faults_.add(line, fmt::format("{}: expected times that rise, got {} after a later one in line {}",
                                         columns_.name_of(*time_column_), text_of(place), last_line_));
  if (data_.values.size() == kMostSeriesValues)
    faults_.end(line, fmt::format("expected at most {} values, got more", kMostSeriesValues));
  data_.times.push_back(scaled);
  data_.values.push_back(*value);
  last_line_ = line;
}

SeriesData SeriesBuilder::finish() {
  faults_.throw_if_any();
  if (data_.values.empty()) faults_.end(0, "expected at least one value, got none");
  return std::move(data_);
}

}  // namespace dreamreel::curve
