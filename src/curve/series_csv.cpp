#include "series_csv.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <list>
#include <utility>

namespace dreamreel::curve {
namespace {

constexpr std::size_t kMostColumns = 10'000;
constexpr char kNoSeparator = '\0';

struct CsvRow {
  int line = 0;
  std::vector<std::string> fields;
};

// A mistake because of which no more rows can be read.
struct CsvFault {
  int line = 0;
  std::string message;
};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Programs write these words for a number that they do not have.
bool is_word_for_no_number(std::string text) {
  constexpr std::array<std::string_view, 8> kWords{"nan",  "inf", "infinity", "null",
                                                   "none", "na",  "n/a",      "#n/a"};
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (text.starts_with('-') || text.starts_with('+')) text.erase(0, 1);
  return std::ranges::find(kWords, text) != kWords.end();
}

// Reads rows with quotes as RFC 4180 has them. Passes over empty lines and lines that begin with #. Throws
// CsvFault.
class CsvRows {
 public:
  explicit CsvRows(std::string_view text) : text_(text) {
    skip_what_is_no_row();
    separator_ = separator_of(text_.substr(at_, text_.find_first_of("\r\n", at_) - at_));
  }

  bool has_decimal_comma() const { return separator_ != ','; }

  std::optional<CsvRow> next() {
    skip_what_is_no_row();
    if (at_ >= text_.size()) return {};
    CsvRow row{line_, {}};
    do {
      row.fields.push_back(field());
      if (row.fields.size() > kMostColumns)
        throw CsvFault{row.line, fmt::format("expected at most {} columns, got more", kMostColumns)};
    } while (take_separator());
    // Blanks at the end of a line are no column.
    if (separator_ == ' ' && row.fields.size() > 1 && row.fields.back().empty()) row.fields.pop_back();
    take_end_of_line();
    return row;
  }

 private:
  // Outside quotes. Numbers may have a comma in place of the point beside the other separators.
  static char separator_of(std::string_view line) {
    for (const char separator : {'\t', ';', ','}) {
      bool in_quotes = false;
      for (const char c : line) {
        in_quotes ^= c == '"';
        if (c == separator && !in_quotes) return separator;
      }
    }
    // Blanks separate numbers only: the words of a heading may have some. A line may begin with blanks, if
    // its numbers are aligned on the right.
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::string first(line.substr(0, line.find(' ')));
    const bool is_number = parse_series_number(first, false).has_value() || is_word_for_no_number(first);
    if (!is_number) return kNoSeparator;  // the heading of a single column, in which commas are decimal
    return line.find(' ') != std::string_view::npos ? ' ' : ',';
  }

  bool is_end_of_line() const { return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r'; }

  void take_end_of_line() {
    if (at_ >= text_.size()) return;
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
  }

  void skip_what_is_no_row() {
    while (at_ < text_.size()) {
      auto end = std::min(text_.find_first_of("\r\n", at_), text_.size());
      const auto first = std::find_if_not(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                          text_.begin() + static_cast<std::ptrdiff_t>(end), is_blank);
      const bool is_empty = first == text_.begin() + static_cast<std::ptrdiff_t>(end);
      if (!is_empty && *first != '#') return;
      at_ = end;
      take_end_of_line();
    }
  }

  bool take_separator() {
    if (is_end_of_line() || text_[at_] != separator_) return false;
    while (!is_end_of_line() && text_[at_] == separator_) {
      ++at_;
      if (separator_ != ' ') break;
    }
    return true;
  }

  std::string field() {
    while (!is_end_of_line() && is_blank(text_[at_]) && (text_[at_] != separator_ || separator_ == ' '))
      ++at_;
    if (at_ < text_.size() && text_[at_] == '"') return quoted();
    const auto begin = at_;
    while (!is_end_of_line() && text_[at_] != separator_) ++at_;
    return trimmed(text_.substr(begin, at_ - begin));
  }

  std::string quoted() {
    const int line = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        field += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += text_[at_++];
      } else {
        ++at_;
        while (!is_end_of_line() && is_blank(text_[at_]) && text_[at_] != separator_) ++at_;
        if (!is_end_of_line() && text_[at_] != separator_)
          throw CsvFault{line_, "expected the next column behind the closing quote, got " +
                                    quoted_for_fault(text_.substr(at_, 1))};
        return trimmed(field);
      }
    }
    throw CsvFault{line, "this quote is never closed"};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  char separator_ = ',';
};

// Texts may stand in a row of data too, behind its time.
bool is_heading(const CsvRow& row, bool comma) {
  const auto first = std::ranges::find_if_not(row.fields, &std::string::empty);
  return first != row.fields.end() && !parse_series_number(*first, comma) && !is_word_for_no_number(*first);
}

void expect_text(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    throw CsvFault{1, "expected UTF-8, got UTF-16; save the file as \"CSV UTF-8\""};
  if (const auto zero = text.find('\0'); zero != std::string_view::npos)
    throw CsvFault{1 + static_cast<int>(
                           std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(zero), '\n')),
                   "expected a table of text, got a NUL character"};
}

constexpr const char* kCommas =
    "; if its commas are decimal, separate the columns by semicolons, or write points";

// A row after the headings.
void add_row(const CsvRow& row, bool comma, SeriesBuilder& builder, SeriesFaults& faults) {
  const auto& columns = builder.columns();
  const std::size_t needed = std::max(builder.column(), builder.time_column().value_or(0)) + 1;
  const auto is_filled = [](const std::string& field) { return !field.empty(); };
  const bool has_more = row.fields.size() > columns.count() &&
                        std::any_of(row.fields.begin() + static_cast<std::ptrdiff_t>(columns.count()),
                                    row.fields.end(), is_filled);
  if (row.fields.size() < needed || has_more)
    return faults.add(row.line, fmt::format("expected {} column{}, got {}{}", columns.count(),
                                            columns.count() == 1 ? "" : "s", row.fields.size(),
                                            has_more && !comma ? kCommas : ""));
  const auto number = [&](std::size_t i) {
    const auto value = parse_series_number(row.fields[i], comma);
    if (!value && !row.fields[i].empty())
      faults.add(row.line, fmt::format("{}: expected a number, got {}", columns.name_of(i),
                                       quoted_for_fault(row.fields[i])));
    return value;
  };
  std::optional<double> time;
  if (const auto place = builder.time_column()) {
    time = number(*place);
    if (row.fields[*place].empty() && !row.fields[builder.column()].empty())
      faults.add(row.line, columns.name_of(*place) + ": expected a time, got nothing");
    if (!time) return;
  }
  builder.add(row.line, time, number(builder.column()));
}

// The reading of one series, row by row.
struct CsvReading {
  explicit CsvReading(SeriesReading& into) : reading(into), builder(into.rules, faults) {}
  CsvReading(const CsvReading&) = delete;
  CsvReading& operator=(const CsvReading&) = delete;

  SeriesReading& reading;
  SeriesFaults faults;
  SeriesBuilder builder;
};

void read_rows(std::string_view text, std::list<CsvReading>& all) {
  expect_text(text);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (auto& one : all)
    one.reading.guard([&] {
      if (!one.reading.rules.list.empty())
        one.faults.end(0, "list: expected none, because only JSON has lists");
    });
  CsvRows rows(text);
  const bool comma = rows.has_decimal_comma();
  auto row = rows.next();
  if (!row) throw CsvFault{0, "expected at least one row, got none"};
  const bool has_heading = is_heading(*row, comma);
  Columns columns{std::vector<std::string>(row->fields.size()), 0};
  if (has_heading) columns = {row->fields, row->line};
  for (auto& one : all) one.reading.guard([&] { one.builder.set_columns(columns, true); });
  if (has_heading) row = rows.next();
  for (; row; row = rows.next())
    for (auto& one : all) one.reading.guard([&] { add_row(*row, comma, one.builder, one.faults); });
}

}  // namespace

void read_csv(std::string_view text, std::vector<SeriesReading>& readings) {
  std::list<CsvReading> all;
  for (auto& reading : readings) all.emplace_back(reading);
  try {
    read_rows(text, all);
  } catch (const CsvFault& fault) {
    for (auto& one : all) one.reading.guard([&] { one.faults.end(fault.line, fault.message); });
  }
  for (auto& one : all) one.reading.guard([&] { one.reading.data = one.builder.finish(); });
}

}  // namespace dreamreel::curve
