#include "json_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace dreamreel::curve {
namespace {

constexpr std::size_t kMostFields = 10'000;

}  // namespace

void JsonRows::begin_row(bool is_object) {
  row_.clear();
  row_line_ = line_;
  row_is_object_ = is_object;
}

void JsonRows::add_field(const std::string& key, std::optional<double> number, std::string found) {
  if (row_.size() == kMostFields)
    end(fmt::format("expected at most {} values in a row, got more", kMostFields));
  row_.push_back({row_is_object_ ? key : "", number, std::move(found)});
}

void JsonRows::add_single(std::optional<double> number, std::string found) {
  const bool is_null = !number && found.empty();
  if (is_null && (!has_columns_ || has_keys_)) {
    builder_.skip_row();  // Parseq writes null for frames before its first key
    return;
  }
  begin_row(false);
  add_field("", number, std::move(found));
  end_row();
}

void JsonRows::end_row() {
  if (!has_columns_) set_columns();
  if (row_is_object_ != has_keys_)
    return faults_.add(row_line_, "expected rows that are all lists, or all objects, got both");
  if (has_keys_) collect_keys();
  if (lacks_column_) return;
  std::optional<double> time;
  if (const auto place = builder_.time_column()) {
    time = number_in(*place);
    const JsonField* const value = field_at(builder_.column());
    const bool is_missing = !time && value != nullptr && (value->number || !value->found.empty());
    if (is_missing)
      faults_.add(row_line_, builder_.columns().name_of(*place) + ": expected a time, got nothing");
    if (!time) return;
  }
  builder_.add(row_line_, time, number_in(builder_.column()));
}

void JsonRows::set_columns() {
  if (row_.empty()) faults_.end(row_line_, "expected numbers, got an empty row");
  has_columns_ = true;
  has_keys_ = row_is_object_;
  Columns columns{keys_, row_line_};
  if (keys_.empty())
    for (const auto& field : row_) columns.headings.push_back(field.key);
  lacks_column_ = has_keys_ && keys_.empty() && builder_.lacks_a_column(columns);
  keys_ = columns.headings;
  if (!lacks_column_) builder_.set_columns(columns, !row_is_object_);
}

// Objects may leave out keys, as keyframes of a few values do.
void JsonRows::collect_keys() {
  for (std::size_t i = 0; i < row_.size(); ++i) {
    const std::string& key = row_[i].key;
    if (i < keys_.size() && keys_[i] == key) continue;  // as in the first row
    if (known_keys_.empty()) known_keys_.insert(keys_.begin(), keys_.end());
    if (!known_keys_.insert(key).second) continue;
    if (keys_.size() == kMostFields)
      faults_.end(row_line_, fmt::format("expected at most {} keys, got more", kMostFields));
    keys_.push_back(key);
    lacks_time_ = lacks_time_ || (!lacks_column_ && !builder_.time_column() && is_time_field(key));
    lacks_choice_ = lacks_choice_ || (rules_.column.empty() && !is_time_field(key));
  }
}

const JsonField* JsonRows::field_at(std::size_t column) const {
  if (!has_keys_) return column < row_.size() ? &row_[column] : nullptr;
  const auto& heading = builder_.columns().headings[column];
  if (column < row_.size() && row_[column].key == heading) return &row_[column];  // as in the first row
  const auto found = std::ranges::find(row_, heading, &JsonField::key);
  return found == row_.end() ? nullptr : &*found;
}

std::optional<double> JsonRows::number_in(std::size_t column) {
  const JsonField* const field = field_at(column);
  if (field == nullptr) return {};
  if (!field->found.empty())
    faults_.add(row_line_, fmt::format("{}: expected a number, got {}", builder_.columns().name_of(column),
                                       field->found));
  return field->number;
}

}  // namespace dreamreel::curve
