// The words of a command line: other ways to ask for help, and what was meant where a word is unknown.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace dreamreel::app {

/// The first commands that a newcomer needs, one a line.
extern const char* const kFirstCommands;

/// The arguments without the program's name, as `app` takes them: "help render" becomes "render --help", and
/// "version" "--version". Throws UsageError, with what was meant, where no known subcommand stands in front.
std::vector<std::string> arranged(const CLI::App& app, std::vector<std::string> arguments);

/// What is wrong with a command line that `app` refused, with the nearest options, or with --set where a key
/// of the job has the name of the option. A refused value is told as a job's is: what was expected, what was
/// found. A word too many is told by what it seems to be: a song, a value of a key, one more file.
std::string explained(const CLI::App& app, const CLI::Error& mistake);

}  // namespace dreamreel::app
