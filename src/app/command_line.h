// The program's command line as data, taken from the parser itself. The manual page, the tables of
// docs/commands.md and the completions for shells are made from these data.
#pragma once

#include <string>
#include <vector>

namespace dreamreel::app {

struct OptionInfo {
  std::vector<std::string> names;    ///< "-o", "--output"; a positional argument has only its name, "JOB"
  std::string value;                 ///< "KEY=VALUE"; "" for a flag
  std::vector<std::string> choices;  ///< the words that are allowed; empty if any value is
  std::string default_value;         ///< "" if the option's sentence says what holds without it
  std::string doc;
  bool positional = false;
  bool required = false;

  bool operator==(const OptionInfo&) const = default;
};

struct CommandInfo {
  std::string name;  ///< "render", "farm plan"; "" for the program itself
  std::string doc;
  std::vector<OptionInfo> options;  ///< in the order of --help
};

struct CommandLine {
  std::vector<CommandInfo> commands;  ///< the program itself first, then each command that can be run
  std::string exit_codes;             ///< one paragraph
};

/// The manual page in roff: `man -l` shows it. `version` is "0.2.0".
std::string manual_page(const CommandLine& line, const std::string& version);

/// The tables of options in docs/commands.md: blocks of Markdown, each between `<!-- options of NAME -->` and
/// `<!-- end of options -->`. The first block, "every command", has the options that all commands take. Where
/// a command takes an option of an earlier command, its block refers to that command.
std::string option_tables(const CommandLine& line);

/// The completion as a script for bash to source. `keys` complete --set. `networks` complete the arguments
/// called NETWORK or NAME.
std::string bash_completion(const CommandLine& line, const std::vector<std::string>& keys,
                            const std::vector<std::string>& networks);
/// The same for zsh: the text of the file `_dreamreel`, which lies in a folder of zsh's fpath.
std::string zsh_completion(const CommandLine& line, const std::vector<std::string>& keys,
                           const std::vector<std::string>& networks);

}  // namespace dreamreel::app
