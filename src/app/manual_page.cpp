#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

#include "command_line.h"
#include "joined.h"

namespace dreamreel::app {
namespace {

// Escapes text for roff, so that no character of it acts as a command.
std::string plain(std::string_view text) {
  std::string roff;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) roff += "\\&";
    if (c == '\\')
      roff += "\\e";
    else if (c == '-')
      roff += "\\-";
    else
      roff += c;
    line_begins = c == '\n';
  }
  return roff;
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", plain(text));
}
std::string italic(std::string_view text) {
  return fmt::format("\\fI{}\\fR", plain(text));
}

std::string heading_of(const OptionInfo& option) {
  if (option.positional) return italic(option.names.front());
  std::vector<std::string> names;
  for (const auto& name : option.names) names.push_back(bold(name));
  const std::string text = joined(names);
  return option.value.empty() ? text : text + " " + italic(option.value);
}

std::string choices_sentence(const OptionInfo& option) {
  const std::string text = joined(option.choices);
  return text.empty() ? "" : fmt::format(" One of {}.", text);
}

std::string option_paragraphs(const CommandInfo& command) {
  std::string text;
  for (const auto& option : command.options) {
    const std::string doc = option.doc.empty() || option.doc.back() == '.' ? option.doc : option.doc + ".";
    text += fmt::format(".TP\n{}\n{}\n", heading_of(option), plain(doc + choices_sentence(option)));
  }
  return text;
}

std::string synopsis_of(const CommandInfo& command) {
  std::string text = fmt::format("{} [{}]...", bold("dreamreel " + command.name), italic("OPTION"));
  for (const auto& option : command.options) {
    if (!option.positional) continue;
    const std::string name = italic(option.names.front());
    text += option.required ? " " + name : " [" + name + "]";
  }
  return text;
}

constexpr const char* kDescription =
    "dreamreel lets a trained network dream on moving pictures. It turns a clip, a photo or plain noise into "
    "a\n"
    "dreamed video. The dreams stick to the things that they grow on, and the sound is kept. One YAML file\n"
    "describes one job; a JSON Schema of it is printed by \\fBdreamreel schema\\fR.\n";

constexpr const char* kEnvironment =
    ".TP\n.B DREAMREEL_NETWORKS\nFolders with networks, colon\\-separated. They are looked into first, and\n"
    "\\fBdreamreel fetch\\fR writes into the first one.\n"
    ".TP\n.B DREAMREEL_CARDS\nFolders with network cards, colon\\-separated, looked into before the "
    "program\\(aqs own.\n"
    ".TP\n.B DREAMREEL_LOOKS\nFolders with looks, colon\\-separated, looked into before the program\\(aqs "
    "own.\n"
    ".TP\n.B DREAMREEL_TRUST\n\\(lqffmpeg\\(rq lifts the rules for filters, encoder options and formats, as\n"
    "\\fB\\-\\-trust\\-ffmpeg\\fR does.\n"
    ".TP\n.B XDG_CACHE_HOME\nWhere networks, scans and frame indices are kept, in the folder dreamreel\n"
    "(default: ~/.cache).\n";

}  // namespace

std::string manual_page(const CommandLine& line, const std::string& version) {
  std::string text = fmt::format(".TH DREAMREEL 1 \"\" \"dreamreel {}\" \"User Commands\"\n", plain(version));
  text += fmt::format(".SH NAME\ndreamreel \\- {}\n", plain(line.commands.front().doc));
  text += ".SH SYNOPSIS\n";
  for (std::size_t i = 1; i < line.commands.size(); ++i) text += synopsis_of(line.commands[i]) + "\n.br\n";
  text += ".SH DESCRIPTION\n";
  text += kDescription;
  text += ".SH OPTIONS\n" + option_paragraphs(line.commands.front());
  text += ".SH COMMANDS\n";
  for (std::size_t i = 1; i < line.commands.size(); ++i) {
    const auto& command = line.commands[i];
    text +=
        fmt::format(".SS {}\n{}.\n{}", plain(command.name), plain(command.doc), option_paragraphs(command));
  }
  text += ".SH ENVIRONMENT\n";
  text += kEnvironment;
  text += fmt::format(".SH EXIT STATUS\n{}\n", plain(line.exit_codes));
  return text;
}

}  // namespace dreamreel::app
