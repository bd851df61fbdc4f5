// Collects all faults of a settings file, so that one run shows all of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dreamreel/settings/key_info.h"
#include "dreamreel/settings/settings_error.h"
#include "dreamreel/settings/value.h"

namespace dreamreel::settings {

class Problems {
 public:
  /// One line: "file:line: path: message"; `path` may be empty.
  void add(const Place& place, const std::string& path, const std::string& message);
  /// The same with a hint at the end. The hint is computed only while the report is short enough to show it,
  /// because computing it is a search, and a file may have 100,000 misspelt keys.
  void add_briefly_when_many(const Place& place, const std::string& path, const std::string& message,
                             const std::function<std::string()>& hint);
  bool empty() const { return lines_.empty(); }
  /// Throws SettingsError with all lines, sorted by source and line, if there are any.
  void throw_if_any() const;

 private:
  struct Line {
    int order = 0, line = 0;
    std::string text;
    Problem problem;
  };
  std::vector<Line> lines_;
};

/// "job.yaml:12", "--set dream.step=2"; "" if nothing is known.
std::string place_text(const Place& place);

/// "dream" and "step" give "dream.step".
std::string join_path(const std::string& path, const std::string& key);

/// The value for "..., got X": a number as it is, other text quoted and shortened, "a list", "a map".
std::string describe(const Value& value);
/// `text` cut short, with control characters made visible, because a line break in a name must not look like
/// another message.
std::string shortened(std::string text);
std::string in_quotes(const std::string& text);
/// "a, b, c"
std::string join_names(const std::vector<std::string>& names);
/// The text after "unknown key": the places where the key is right among `keys`, which may be null; or the
/// nearest names; or all names if none is near.
std::string unknown_key_hint(const std::string& key, const std::vector<std::string>& names,
                             const std::vector<KeyInfo>* keys);

}  // namespace dreamreel::settings
