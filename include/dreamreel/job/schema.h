// What a job file may say: every key with its type, default and documentation, from the tables that also read
// and check it. docs/job.md is made from this.
#pragma once

#include <string>
#include <vector>

namespace dreamreel::job {

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
};

/// Every key in the order of the reference page, sections before what they hold.
const std::vector<KeyInfo>& schema();

/// The Markdown tables of docs/job.md.
std::string reference_markdown();

}  // namespace dreamreel::job
