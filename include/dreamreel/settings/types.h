// One small type for each kind of value. It knows how the value is read from YAML, checked, written back and
// described. name() is the text for "expected NAME" and for the reference page. shape() describes the value
// to programs. read() gives nullopt after adding a problem. write() gives a null Value if nothing is set.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dreamreel/core/suggest.h"
#include "dreamreel/core/time.h"
#include "dreamreel/curve/curve.h"
#include "dreamreel/settings/key_info.h"
#include "dreamreel/settings/problems.h"
#include "dreamreel/settings/value.h"

namespace dreamreel::settings {

/// Data that every read() may use. Keys that need more of it are read with a context of a derived type.
struct Context {
  Context(Problems& found, const Value& document) : problems(found), root(document) {}
  virtual ~Context() = default;

  Problems& problems;
  const Value& root;  ///< the whole document, for keys that depend on others
  /// All keys of the document, where a misspelt key may belong to another section; null for no such hints.
  const std::vector<KeyInfo>* keys = nullptr;
  /// The variables that the document names itself, which its expressions may read.
  std::vector<curve::OwnVariable> own_variables{};
};

/// One value with the path of keys that leads to it.
struct Site {
  const Value& value;
  std::string path;
  Context& context;

  Site at(const std::string& key, const Value& child) const { return {child, join_path(path, key), context}; }
  void problem(const std::string& message) const { context.problems.add(value.place, path, message); }
  /// "expected WHAT, got ...HINT"
  void expected(const std::string& what, const std::string& hint = "") const;
};

/// The largest number of items in a list, and of keys in a map whose keys the document chooses.
inline constexpr std::size_t kMostItems = 10'000;
/// True for a list of 1 to kMostItems items; adds a problem otherwise.
bool is_short_list(const Site& site, const std::string& what);

/// Allowed numbers: [min, max], or (min, max] if min is open. NaN and infinite numbers are never allowed.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool open_min = false;
  bool whole = false;  ///< constants must be whole numbers

  bool holds(double number) const;
  std::string name() const;  ///< "a number from 0 to 1"
  KeyShape shape(KeyShape::Kind kind) const { return {kind, min, max, open_min, whole}; }
};

std::optional<double> parse_number(std::string_view text);
/// The shortest text that reads back to the same number.
std::string to_text(double number);

struct NumberType {
  Range range;
  std::string name() const { return range.name(); }
  KeyShape shape() const { return range.shape(KeyShape::Kind::number); }
  std::optional<double> read(const Site& site) const;
  Value write(double number) const { return Value::scalar(to_text(number)); }
};

struct CurveType {
  Range range;
  std::string name() const { return range.name() + ", keyframes or an expression"; }
  KeyShape shape() const { return range.shape(KeyShape::Kind::curve); }
  std::optional<curve::Curve> read(const Site& site) const;
  Value write(const curve::Curve& curve) const;
};

struct NumbersType {  ///< three numbers, one for each channel
  Range range;
  std::string name() const { return "a list of three values, each " + range.name(); }
  KeyShape shape() const { return {KeyShape::Kind::texts}; }
  std::optional<std::array<double, 3>> read(const Site& site) const;
  Value write(const std::array<double, 3>& numbers) const;
};

struct SizeType {  ///< pixels of one side
  int max = 16384;
  int min = 1;
  std::string name() const;
  KeyShape shape() const {
    const Range range{static_cast<double>(min), static_cast<double>(max), false, true};
    return range.shape(KeyShape::Kind::number);
  }
  std::optional<int> read(const Site& site) const;
  Value write(int size) const { return Value::scalar(std::to_string(size)); }
};

struct SeedType {  ///< any unsigned 64-bit number
  std::string what = "a whole number from 0 to 18446744073709551615";
  std::string name() const { return what; }
  KeyShape shape() const {
    return Range{0, std::numeric_limits<double>::infinity(), false, true}.shape(KeyShape::Kind::number);
  }
  std::optional<std::uint64_t> read(const Site& site) const;
  Value write(std::uint64_t number) const { return Value::scalar(std::to_string(number)); }
};

struct BoolType {
  std::string name() const { return "true or false"; }
  KeyShape shape() const { return {KeyShape::Kind::flag}; }
  std::optional<bool> read(const Site& site) const;
  Value write(bool value) const { return Value::scalar(value ? "true" : "false"); }
};

struct TextType {
  std::string what = "text";
  bool (*valid)(const std::string&) = nullptr;  ///< nullptr: any text
  std::string name() const { return what; }
  KeyShape shape() const { return {KeyShape::Kind::text}; }
  std::optional<std::string> read(const Site& site) const;
  Value write(const std::string& text) const { return text.empty() ? Value{} : Value::scalar(text); }
};

struct TextsType {
  std::string what = "a list of names";
  std::string name() const { return what; }
  KeyShape shape() const { return {KeyShape::Kind::texts}; }
  std::optional<std::vector<std::string>> read(const Site& site) const;
  Value write(const std::vector<std::string>& texts) const;
};

struct OptionsType {  ///< a map of any names to scalars
  std::string name() const { return "a map of option names to values"; }
  KeyShape shape() const { return {KeyShape::Kind::map}; }
  std::optional<std::map<std::string, std::string>> read(const Site& site) const;
  Value write(const std::map<std::string, std::string>& options) const;
};

struct PathType {  ///< relative to the folder of the file that contains it; made absolute
  std::string name() const { return "a path"; }
  KeyShape shape() const { return {KeyShape::Kind::text}; }
  std::optional<std::filesystem::path> read(const Site& site) const;
  Value write(const std::filesystem::path& path) const {
    return path.empty() ? Value{} : Value::scalar(path.string());
  }
};

struct TimeType {  ///< 0, or from 1 us to 1e9 s; never in beats or bars
  bool positive = false;
  std::string name() const {
    return positive ? "a time above 0 such as 4s, 00:04.5 or 96f" : "a time such as 4s, 00:04.5 or 96f";
  }
  KeyShape shape() const { return {KeyShape::Kind::text}; }
  std::optional<TimePoint> read(const Site& site) const;
  Value write(const TimePoint& time) const { return Value::scalar(to_string(time)); }
};
/// A time in any unit: seconds, frames, beats or bars. nullopt if the text is not a time, or if its number is
/// out of TimeType's range.
std::optional<TimePoint> parse_any_time(const std::string& text);

struct BitrateType {
  std::string name() const { return "bits a second from 6k to 2000k, such as 320k"; }
  KeyShape shape() const { return {KeyShape::Kind::text}; }
  std::optional<std::int64_t> read(const Site& site) const;
  Value write(const std::int64_t& bits) const;
};

struct RateType {
  std::string name() const { return "a frame rate such as 24, 23.976 or 30000/1001"; }
  KeyShape shape() const { return {KeyShape::Kind::text}; }
  std::optional<Rational> read(const Site& site) const;
  Value write(const Rational& rate) const;
};

/// One of a few words.
template <typename E>
struct ChoiceType {
  std::vector<std::pair<std::string, E>> choices;

  std::vector<std::string> words() const {
    std::vector<std::string> list;
    for (const auto& choice : choices) list.push_back(choice.first);
    return list;
  }
  std::string name() const {
    std::string text;
    for (std::size_t i = 0; i < choices.size(); ++i)
      text += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i].first;
    return text;
  }
  KeyShape shape() const {
    KeyShape shape{KeyShape::Kind::choice};
    shape.words = words();
    return shape;
  }
  std::optional<E> read(const Site& site) const {
    for (const auto& [word, meaning] : choices)
      if (site.value.is_scalar() && site.value.text == word) return meaning;
    const std::string hint = site.value.is_scalar() ? did_you_mean(site.value.text, words()) : "";
    site.expected(name(), hint);
    return {};
  }
  Value write(const E& value) const {
    for (const auto& [word, meaning] : choices)
      if (meaning == value) return Value::scalar(word);
    return {};
  }
};

}  // namespace dreamreel::settings
