#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "command_line.h"
#include "joined.h"

namespace dreamreel::app {
namespace {

using Words = std::vector<std::string>;

Words sub_commands(const CommandLine& line, const std::string& of) {
  const std::string prefix = of.empty() ? "" : of + " ";
  Words names;
  for (const auto& command : line.commands) {
    if (command.name.size() <= prefix.size() || !command.name.starts_with(prefix)) continue;
    const std::string rest = command.name.substr(prefix.size());
    const std::string first = rest.substr(0, rest.find(' '));
    if (std::ranges::find(names, first) == names.end()) names.push_back(first);
  }
  return names;
}

// All commands and groups of commands: "" (the program itself), "render", "farm", "farm plan".
Words paths_of(const CommandLine& line) {
  Words paths{""};
  for (const auto& command : line.commands)
    for (auto end = command.name.find(' ');; end = command.name.find(' ', end + 1)) {
      const std::string path = command.name.substr(0, end);
      if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
      if (end == std::string::npos) break;
    }
  return paths;
}

const CommandInfo* find_command(const CommandLine& line, const std::string& name) {
  const auto found = std::ranges::find(line.commands, name, &CommandInfo::name);
  return found == line.commands.end() ? nullptr : &*found;
}

bool takes_network(const OptionInfo& option) {
  return option.positional && (option.names.front() == "NETWORK" || option.names.front() == "NAME");
}

// --- bash ---

// The words that may follow a command: its sub-commands, its options, and networks if it takes one.
std::string bash_words(const CommandLine& line, const std::string& path, const Words& networks) {
  Words words = sub_commands(line, path);
  if (const auto* const command = find_command(line, path))
    for (const auto& option : command->options) {
      if (!option.positional) words.insert(words.end(), option.names.begin(), option.names.end());
      if (takes_network(option)) words.insert(words.end(), networks.begin(), networks.end());
    }
  return joined(words, " ");
}

std::string bash_values(const CommandInfo& command) {
  std::string text;
  for (const auto& option : command.options) {
    if (option.positional || option.value.empty()) continue;
    Words patterns;
    for (const auto& name : option.names) patterns.push_back(fmt::format("'{} {}'", command.name, name));
    std::string action = "return ;;";  // bash then completes file names
    if (option.value == "KEY=VALUE")
      action = "compopt -o nospace; COMPREPLY=($(compgen -W \"$keys\" -- \"$cur\")); return ;;";
    else if (!option.choices.empty())
      action =
          fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return ;;", joined(option.choices, " "));
    text += fmt::format("    {}) {}\n", joined(patterns, " | "), action);
  }
  return text;
}

Words with_equals(Words keys) {
  for (auto& key : keys) key += "=";
  return keys;
}

// --- zsh ---

// Escapes `text` for single quotes and for the brackets of _arguments.
std::string zsh_text(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      quoted += std::string("\\") + c;
    else
      quoted += c == '\n' ? ' ' : c;
  }
  return quoted;
}

std::string zsh_action(const OptionInfo& option, const Words& networks) {
  if (option.value == "KEY=VALUE") return "_dreamreel_keys";
  if (!option.choices.empty()) return "(" + joined(option.choices, " ") + ")";
  if (takes_network(option)) return "(" + joined(networks, " ") + ")";
  return "_files";
}

std::string zsh_arguments(const CommandInfo& command, const Words& networks) {
  std::string text;
  for (const auto& option : command.options) {
    if (option.positional) {
      text +=
          fmt::format(" \\\n        '{}{}:{}'", option.required ? ":" : "::", zsh_text(option.names.front()),
                      zsh_action(option, networks));
      continue;
    }
    const std::string value =
        option.value.empty() ? ""
                             : fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option, networks));
    for (const auto& name : option.names)
      text += fmt::format(" \\\n        '*{}[{}]{}'", name, zsh_text(option.doc), value);
  }
  return text;
}

std::string zsh_commands(const CommandLine& line, const std::string& path) {
  std::string text;
  for (const auto& name : sub_commands(line, path)) {
    const auto* const command = find_command(line, path.empty() ? name : path + " " + name);
    text += fmt::format(" '{}:{}'", name, command == nullptr ? "" : zsh_text(command->doc));
  }
  return text;
}

}  // namespace

std::string bash_completion(const CommandLine& line, const Words& keys, const Words& networks) {
  std::string paths;
  std::string words;
  std::string values;
  for (const auto& path : paths_of(line)) {
    if (!path.empty()) paths += (paths.empty() ? "'" : " | '") + path + "'";
    words += fmt::format("    '{}') words='{}' ;;\n", path, bash_words(line, path, networks));
  }
  for (const auto& command : line.commands) values += bash_values(command);
  return "# Completion of dreamreel's command line for bash; `dreamreel completion bash` printed it.\n"
         "_dreamreel() {\n"
         "  local cur=$2 prev=$3 command='' word words='' i\n"
         "  local keys='" +
         joined(with_equals(keys), " ") +
         "'\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    word=${COMP_WORDS[i]}\n"
         "    case \"${command:+$command }$word\" in\n"
         "      " +
         paths +
         ") command=${command:+$command }$word ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$command $prev\" in\n" +
         values +
         "  esac\n"
         "  case $command in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -o default -F _dreamreel dreamreel\n";
}

std::string zsh_completion(const CommandLine& line, const Words& keys, const Words& networks) {
  std::string cases;
  for (const auto& path : paths_of(line)) {
    const std::string commands = zsh_commands(line, path);
    const auto* const command = find_command(line, path);
    cases += "    '" + path + "')\n";
    if (!commands.empty()) cases += fmt::format("      list=({}); _describe command list\n", commands);
    if (command != nullptr)
      cases += fmt::format("      _arguments -s{}\n", zsh_arguments(*command, networks));
    cases += "      ;;\n";
  }
  std::string paths;
  for (const auto& path : paths_of(line))
    if (!path.empty()) paths += (paths.empty() ? "'" : " | '") + path + "'";
  return "#compdef dreamreel\n"
         "# Completion of dreamreel's command line for zsh; `dreamreel completion zsh` printed it.\n"
         "_dreamreel_keys() { compadd -S '' -- " +
         joined(with_equals(keys), " ") +
         " }\n"
         "_dreamreel() {\n"
         "  local command='' word\n"
         "  local -a list\n"
         "  while (( CURRENT > 2 )); do\n"
         "    word=${words[2]}\n"
         "    case \"${command:+$command }$word\" in\n"
         "      " +
         paths +
         ") command=\"${command:+$command }$word\" ;;\n"
         "      *) [[ $word == -* && -z $command ]] || break ;;\n"
         "    esac\n"
         "    shift words\n"
         "    (( CURRENT-- ))\n"
         "  done\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "_dreamreel \"$@\"\n";
}

}  // namespace dreamreel::app
