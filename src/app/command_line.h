// The program's command line as data, read off the tables that also parse it. The manual page and the shells'
// completions are made from this.
#pragma once

#include <string>
#include <vector>

namespace dreamreel::app {

struct OptionInfo {
  std::vector<std::string> names;    ///< "-o", "--output"; of a positional argument its name alone, "JOB"
  std::string value;                 ///< "KEY=VALUE"; "" for a flag
  std::vector<std::string> choices;  ///< the words that the value may be; empty where it is free
  std::string doc;
  bool positional = false;
  bool required = false;
};

struct CommandInfo {
  std::string name;  ///< "render", "farm plan"; "" for the program itself
  std::string doc;
  std::vector<OptionInfo> options;  ///< in the order of --help
};

struct CommandLine {
  std::vector<CommandInfo> commands;  ///< the program itself first, then each command that does something
  std::string exit_codes;             ///< one paragraph
};

/// The manual page in roff: `man -l` shows it. `version` is "0.2.0".
std::string manual_page(const CommandLine& line, const std::string& version);

/// A script that bash sources. Job keys complete --set, `networks` complete arguments called NETWORK or NAME.
std::string bash_completion(const CommandLine& line, const std::vector<std::string>& keys,
                            const std::vector<std::string>& networks);
/// The same for zsh, as the file `_dreamreel` in its fpath.
std::string zsh_completion(const CommandLine& line, const std::vector<std::string>& keys,
                           const std::vector<std::string>& networks);

}  // namespace dreamreel::app
