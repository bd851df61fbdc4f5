// The tree of one YAML text, every node knowing where it was written, so that a message about a value still
// names its file and line after `extends` and overrides have been merged. yaml-cpp stays behind this file.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dreamreel::job {

class Problems;

/// A text that was read: a file, or one override.
struct Source {
  std::string label;             ///< how messages name it; "" for none
  std::filesystem::path folder;  ///< what relative paths in it are relative to
  int order = 0;                 ///< messages are sorted by this, then by line
  bool has_lines = true;
};

struct Place {
  std::shared_ptr<const Source> source;
  int line = 0;  ///< from 1
};

struct Value {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string text;            ///< of a scalar
  std::vector<Value> items;    ///< of a list
  std::vector<Entry> entries;  ///< of a map, in the order written
  Place place;
  bool flow = false;      ///< written on one line by emit()
  bool is_tilde = false;  ///< a null that was written, as ~ or null: it takes back what a parent said

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
  Place place;  ///< of the key
  Value value;
};

/// What a hostile file may cost before it is refused. An alias counts as all that it repeats, a long text as
/// several values.
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 200'000;
constexpr std::size_t kMaxBytes = 4 << 20;

/// The one document in `text`. Syntax errors, more than one document, keys that are not plain, and texts past
/// the limits above are added to `problems` and give nullopt; duplicate keys are added, and the first stands.
std::optional<Value> parse_yaml(const std::string& text, const std::shared_ptr<const Source>& source,
                                Problems& problems);

/// YAML that parse_yaml() reads back to the same tree. It is UTF-8: other bytes are written as !!binary.
std::string emit(const Value& value);
/// The same on one line; "" for null.
std::string emit_inline(Value value);

}  // namespace dreamreel::job
