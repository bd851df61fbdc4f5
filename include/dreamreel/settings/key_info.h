// Describes one key of a settings file: type, default and documentation. The data come from the tables that
// also read and check such files.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace dreamreel::settings {

/// The form of a value, for programs such as editors. It excludes no valid value, except that numbers must
/// stand without quotes. `~` is valid for every key.
struct KeyShape {
  enum class Kind {
    any,     ///< anything
    flag,    ///< true or false
    number,  ///< inside the range
    curve,   ///< a number inside the range, a text (an expression), or a map (keyframes)
    text,    ///< a text or a number
    choice,  ///< one of `words`
    texts,   ///< a list of texts or numbers
    list,    ///< a list of maps, each with the keys that stand below "PATH.N"
    map,     ///< a map, whose keys are those below it; NAME stands for any name
    map_or_text,
  };
  Kind kind = Kind::any;
  double min = -std::numeric_limits<double>::infinity();  ///< in the key's unit, like max
  double max = std::numeric_limits<double>::infinity();
  bool open_min = false;             ///< min itself is outside the range
  bool whole = false;                ///< only whole numbers are valid
  std::vector<std::string> words{};  ///< for Kind::choice
};

struct KeyInfo {
  enum class Kind { value, section };  ///< a section is a map that only groups keys
  std::string path;                    ///< "dream.step"; N stands for an index: "dream.objectives.N.layer"
  std::string type;                    ///< the expected value with its range: "a number from 0 to 1"
  std::string default_text;            ///< as YAML; "" if the key has no default
  std::string unit;
  std::string doc;
  Kind kind = Kind::value;
  /// True for a map that `extends` and overrides merge key by key. All other values are replaced whole.
  bool merges = false;
  bool required = false;
  KeyShape shape{};
};

}  // namespace dreamreel::settings
