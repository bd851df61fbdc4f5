// The tree of one YAML text. Every node knows where it was written. So a message about a value can name its
// file and line, even after `extends` and overrides have been merged. Only value.cpp uses yaml-cpp.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dreamreel::settings {

class Problems;

/// A text that was read: a file, or one override.
struct Source {
  std::string label;             ///< name in messages; "" for none
  std::filesystem::path folder;  ///< folder for relative paths in the text
  int order = 0;                 ///< messages are sorted by this, then by line
  bool has_lines = true;
};

struct Place {
  std::shared_ptr<const Source> source;
  int line = 0;  ///< from 1
};

/// How old a setting is; a smaller age is younger. The file itself has order 0, the files that it extends
/// follow. Overrides are younger than all files. A place without a source counts as the file itself.
int age(const Place& place);

struct Value {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string text;            ///< of a scalar
  std::vector<Value> items;    ///< of a list
  std::vector<Entry> entries;  ///< of a map, in the order of the text
  Place place;
  bool flow = false;      ///< emit() writes it on one line
  bool is_tilde = false;  ///< A null that was written as ~ or null. It takes back the value of a parent file.

  static Value scalar(std::string text);
  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  /// The value of a map's key, or nullptr.
  const Value* find(const std::string& key) const;
  Value* find(const std::string& key);
};

struct Value::Entry {
  std::string key;
  Place place;  ///< place of the key
  Value value;
};

/// The value of a map's key, or nullptr if it is not set.
const Value* said(const Value& map, const std::string& key);
/// The value of a section's key, or nullptr if it is not set.
const Value* said(const Value& root, const std::string& section, const std::string& key);
/// Whether a map's key is set.
bool says(const Value& map, const std::string& key);
/// Takes the keys out of a map.
void drop(Value& map, std::initializer_list<std::string_view> keys);

/// Limits for hostile files. An alias counts like all the values that it repeats, a long text like several
/// values.
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 200'000;
constexpr std::size_t kMaxBytes = 4 << 20;

/// Parses the only document in `text`. Gives nullopt and adds problems for syntax errors, several documents,
/// keys that are not plain words, and texts beyond the limits above. Duplicate keys are problems too; the
/// first one is kept.
std::optional<Value> parse_yaml(const std::string& text, const std::shared_ptr<const Source>& source,
                                Problems& problems);

/// YAML from which parse_yaml() reads the same tree. It is UTF-8; other bytes are written as !!binary.
std::string emit(const Value& value);
/// The same on one line; "" for null.
std::string emit_inline(Value value);

}  // namespace dreamreel::settings
