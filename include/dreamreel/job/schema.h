// What a job file may say: every key with its type, default and documentation, from the tables that also read
// and check it. docs/job.md is made from this.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace dreamreel::job {

/// What a value looks like, for programs such as editors. It never excludes a value that is right, except that
/// numbers are taken to stand without quotes. `~` is right everywhere.
struct KeyShape {
  enum class Kind {
    any,     ///< nothing is known of it
    flag,    ///< true or false
    number,  ///< inside the range
    curve,   ///< a number inside the range, a text (an expression), or a map (keyframes)
    text,    ///< a text or a number
    choice,  ///< one of the words
    texts,   ///< a list of texts or numbers
    list,    ///< a list of maps, whose keys are those of "PATH.N"
    map,     ///< a map, whose keys are those below it
  };
  Kind kind = Kind::any;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool open_min = false;  ///< min itself is outside
  bool whole = false;     ///< a number is a whole one
  std::vector<std::string> words{};
};

struct KeyInfo {
  enum class Kind { value, section };  ///< a section is a map that only groups keys
  std::string path;          ///< "dream.step"; N stands for a list's index: "dream.objectives.N.layer"
  std::string type;          ///< what is expected there, range included: "a number from 0 to 1"
  std::string default_text;  ///< as YAML; "" where nothing is set
  std::string unit;
  std::string doc;
  Kind kind = Kind::value;
  bool merges = false;  ///< a map that `extends` and overrides merge key by key; all else is replaced whole
  bool required = false;
  KeyShape shape{};
};

/// Every key in the order of the reference page, sections before what they hold.
const std::vector<KeyInfo>& schema();

/// The Markdown tables of docs/job.md.
std::string reference_markdown();

}  // namespace dreamreel::job
