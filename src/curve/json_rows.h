// The rows of a list in JSON: numbers, lists, or objects whose keys are columns. series_json.h reads the
// text.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "series_table.h"

namespace dreamreel::curve {

/// One value of a row. Without a number, it was null, or what `found` names.
struct JsonField {
  std::string key;  ///< "" in a list
  std::optional<double> number;
  std::string found;
};

/// Collects the rows of one list, and gives their values to a SeriesBuilder.
class JsonRows {
 public:
  /// `line` is the line up to which the text is read. `keys` are the keys of all objects, if an earlier
  /// reading found them.
  JsonRows(const SeriesRules& rules, const int& line, std::vector<std::string> keys)
      : rules_(rules), builder_(rules, faults_), line_(line), keys_(std::move(keys)) {}
  JsonRows(const JsonRows&) = delete;
  JsonRows& operator=(const JsonRows&) = delete;

  /// A row that is a list or an object.
  void begin_row(bool is_object);
  /// `key`: in the object.
  void add_field(const std::string& key, std::optional<double> number, std::string found);
  void end_row();
  /// A row that is no list and no object.
  void add_single(std::optional<double> number, std::string found);

  /// Whether objects after the first one have a column, the times, or one column more to choose from. keys()
  /// has the names.
  bool needs_all_keys() const { return lacks_column_ || lacks_time_ || lacks_choice_; }
  const std::vector<std::string>& keys() const { return keys_; }
  SeriesData finish() { return builder_.finish(); }
  /// Ends the reading with a mistake at the line up to which the text is read.
  [[noreturn]] void end(std::string message) { faults_.end(line_, std::move(message)); }

 private:
  void set_columns();
  void collect_keys();
  const JsonField* field_at(std::size_t column) const;
  std::optional<double> number_in(std::size_t column);

  const SeriesRules& rules_;
  SeriesFaults faults_;
  SeriesBuilder builder_;
  const int& line_;
  std::vector<JsonField> row_;
  int row_line_ = 0;
  bool row_is_object_ = false, has_columns_ = false, has_keys_ = false;
  std::vector<std::string> keys_;               // in the order in which they occur
  std::unordered_set<std::string> known_keys_;  // the same, once an object differs from the first one
  bool lacks_column_ = false, lacks_time_ = false, lacks_choice_ = false;
};

}  // namespace dreamreel::curve
