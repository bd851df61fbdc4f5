// The text is read as a stream, so that a large export of many fields needs little memory.
#include "series_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "json_rows.h"

namespace dreamreel::curve {
namespace {

using Json = nlohmann::json;

constexpr const char* kParseqList = "rendered_frames";
constexpr std::size_t kMostShown = 12;  // keys in a message

// Goes through a text and counts the lines up to the last character that was taken.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, int* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (ends_line_) ++*line_;
    ends_line_ = *at_ == '\n';
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  int* line_;
  bool ends_line_ = false;
};

// Finds one list in a text, and takes its values as they are read. `list` is its key in the object around it;
// "" for a text that is itself a list.
class JsonListReader : public nlohmann::json_sax<Json> {
 public:
  // `line` and `keys` are as for JsonRows.
  JsonListReader(const SeriesRules& rules, std::string list, const int& line,
                 std::vector<std::string> keys = {})
      : rows_(rules, line, std::move(keys)), list_(std::move(list)) {}

  JsonRows& rows() { return rows_; }
  const std::string& list() const { return list_; }
  bool found_list() const { return found_list_; }
  const std::vector<std::string>& lists() const { return lists_; }  // keys of the first lists in the object

  bool null() override { return take({}, ""); }
  bool boolean(bool value) override { return take({}, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return take(static_cast<double>(value), ""); }
  bool number_unsigned(number_unsigned_t value) override { return take(static_cast<double>(value), ""); }
  bool number_float(number_float_t value, const string_t&) override { return take(value, ""); }
  bool string(string_t& value) override {
    const auto number = parse_series_number(value, false);
    return take(number, number || value.empty() ? "" : quoted_for_fault(value));
  }
  bool binary(binary_t&) override { return true; }
  bool key(string_t& value) override {
    key_ = value;
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ == 1 && root_is_object_ && lists_.size() <= kMostShown) lists_.push_back(key_);
    const bool is_list = depth_ == 0 ? list_.empty() : depth_ == 1 && root_is_object_ && key_ == list_;
    if (is_list && !found_list_) {
      list_depth_ = depth_ + 1;
      found_list_ = true;
      return open();
    }
    return start_row("a list");
  }
  bool start_object(std::size_t) override {
    if (depth_ == 0) root_is_object_ = true;
    return depth_ == 0 ? open() : start_row("an object");
  }
  bool end_array() override { return close(); }
  bool end_object() override { return close(); }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    const std::string text = error.what();
    constexpr std::string_view kPlace = "parse error at ";  // "line 3, column 7: "
    const auto place = text.find(kPlace);
    rows_.end("no JSON" + (place == std::string::npos
                               ? ": " + quoted_for_fault(text)
                               : " at " + text.substr(place + kPlace.size(), kMostOfError)));
  }

 private:
  static constexpr std::size_t kMostOfError = 160;

  bool is_in_list() const { return list_depth_ > 0 && depth_ == list_depth_; }
  bool is_in_row() const { return list_depth_ > 0 && depth_ == list_depth_ + 1; }

  bool open() {
    ++depth_;
    return true;
  }

  // A list or an object: a row of the list, or something inside a row.
  bool start_row(const char* what) {
    if (is_in_row()) rows_.add_field(key_, {}, what);
    if (is_in_list()) rows_.begin_row(what == std::string_view("an object"));
    return open();
  }

  bool close() {
    if (is_in_row()) rows_.end_row();
    if (is_in_list()) list_depth_ = 0;
    --depth_;
    return true;
  }

  bool take(std::optional<double> number, std::string found) {
    if (is_in_row())
      rows_.add_field(key_, number, std::move(found));
    else if (is_in_list())
      rows_.add_single(number, std::move(found));
    return true;
  }

  JsonRows rows_;
  std::string list_;
  std::vector<std::string> lists_;
  bool root_is_object_ = false, found_list_ = false;
  std::size_t depth_ = 0, list_depth_ = 0;  // list_depth_: inside the list, 0 outside
  std::string key_;
};

std::string names_of(const std::vector<std::string>& lists) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lists.size(), kMostShown); ++i)
    text += (i == 0 ? "" : ", ") + quoted_for_fault(lists[i]);
  if (lists.size() > kMostShown) text += " and more";
  return lists.empty() ? "none" : text;
}

// The reading of one series. A reader is made for each time that it goes through the text.
struct JsonReading {
  SeriesReading& reading;
  std::unique_ptr<JsonListReader> reader;
  bool goes_on = false;  // the text has to be read again for it
};

// Passes what is read on to several readers, so that the text is taken apart once.
class JsonListReaders : public nlohmann::json_sax<Json> {
 public:
  explicit JsonListReaders(std::vector<JsonReading*> all) : all_(std::move(all)) {}

  bool null() override {
    return tell([](JsonListReader& one) { one.null(); });
  }
  bool boolean(bool value) override {
    return tell([&](JsonListReader& one) { one.boolean(value); });
  }
  bool number_integer(number_integer_t value) override {
    return tell([&](JsonListReader& one) { one.number_integer(value); });
  }
  bool number_unsigned(number_unsigned_t value) override {
    return tell([&](JsonListReader& one) { one.number_unsigned(value); });
  }
  bool number_float(number_float_t value, const string_t& text) override {
    return tell([&](JsonListReader& one) { one.number_float(value, text); });
  }
  bool string(string_t& value) override {
    return tell([&](JsonListReader& one) { one.string(value); });
  }
  bool binary(binary_t& value) override {
    return tell([&](JsonListReader& one) { one.binary(value); });
  }
  bool key(string_t& value) override {
    return tell([&](JsonListReader& one) { one.key(value); });
  }
  bool start_array(std::size_t size) override {
    return tell([&](JsonListReader& one) { one.start_array(size); });
  }
  bool start_object(std::size_t size) override {
    return tell([&](JsonListReader& one) { one.start_object(size); });
  }
  bool end_array() override {
    return tell([](JsonListReader& one) { one.end_array(); });
  }
  bool end_object() override {
    return tell([](JsonListReader& one) { one.end_object(); });
  }
  bool parse_error(std::size_t at, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    tell([&](JsonListReader& one) { one.parse_error(at, token, error); });
    return false;
  }

 private:
  // Returns whether any reader goes on.
  template <typename Event>
  bool tell(const Event& event) {
    bool goes_on = false;
    for (auto* const one : all_) {
      one->reading.guard([&] { event(*one->reader); });
      goes_on |= !one->reading.error;
    }
    return goes_on;
  }

  const std::vector<JsonReading*> all_;
};

// One text, for several series.
class JsonText {
 public:
  explicit JsonText(std::string_view text) : text_(text) {}

  void begin(JsonReading& one, const std::string& list, std::vector<std::string> keys = {}) {
    one.reader = std::make_unique<JsonListReader>(one.reading.rules, list, line_, std::move(keys));
    one.goes_on = true;
  }

  // Reads the text for all series that go on.
  void read(std::vector<JsonReading>& all) {
    std::vector<JsonReading*> those;
    for (auto& one : all)
      if (std::exchange(one.goes_on, false) && !one.reading.error) those.push_back(&one);
    if (those.empty()) return;
    line_ = 1;
    CountingIterator begin(text_.data(), &line_), end(text_.data() + text_.size(), &line_);
    JsonListReaders readers(std::move(those));
    Json::sax_parse(begin, end, &readers);
  }

 private:
  std::string_view text_;
  int line_ = 1;
};

SeriesError fault_of_file(int line, std::string message) {
  return SeriesError({{line, std::move(message)}});
}

// The only list of an object, if the rules name none.
void take_only_list(JsonText& text, JsonReading& one) {
  const auto& [reading, reader, goes_on] = one;
  const auto& lists = reader->lists();
  const std::string& named = reading.rules.list;
  if (!named.empty() || lists.size() != 1)
    throw fault_of_file(
        0, fmt::format("expected list: to name one of the lists in it, which are {}{}", names_of(lists),
                       named.empty() ? "" : ", got " + quoted_for_fault(named)));
  text.begin(one, std::string(lists.front()));
}

}  // namespace

void read_json(std::string_view bytes, std::vector<SeriesReading>& readings) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const bool is_list = bytes[bytes.find_first_not_of(" \t\r\n")] == '[';
  JsonText text(bytes);
  std::vector<JsonReading> all;
  for (auto& reading : readings) {
    auto& one = all.emplace_back(JsonReading{reading, nullptr});
    reading.guard([&] {
      const auto& list = reading.rules.list;
      if (is_list && !list.empty())
        throw fault_of_file(1, "list: expected none, because the file is itself a list");
      text.begin(one, is_list ? "" : list.empty() ? kParseqList : list);
    });
  }
  text.read(all);
  for (auto& one : all)
    one.reading.guard([&] {
      if (!one.reader->found_list()) take_only_list(text, one);
    });
  text.read(all);
  for (auto& one : all)
    one.reading.guard([&] {
      // The next reading finds all faults of this one again.
      if (one.reader->rows().needs_all_keys()) text.begin(one, one.reader->list(), one.reader->rows().keys());
    });
  text.read(all);
  for (auto& one : all) one.reading.guard([&] { one.reading.data = one.reader->rows().finish(); });
}

}  // namespace dreamreel::curve
