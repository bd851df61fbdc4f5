#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "command_line.h"

namespace dreamreel::app {
namespace {

using Commands = std::vector<CommandInfo>;

bool has(const CommandInfo& command, const OptionInfo& option) {
  return std::ranges::find(command.options, option) != command.options.end();
}

// The options that every command takes, in the order of the last one.
std::vector<OptionInfo> common_options(const Commands& commands) {
  std::vector<OptionInfo> common;
  for (const auto& option : commands.back().options)
    if (std::all_of(commands.begin() + 1, commands.end(),
                    [&](const auto& each) { return has(each, option); }))
      common.push_back(option);
  return common;
}

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

std::string names_in_code(const OptionInfo& option) {
  std::string text;
  for (const auto& name : option.names)
    text += (text.empty() ? "" : ", ") +
            code(&name == &option.names.back() && !option.value.empty() && !option.positional
                     ? name + " " + option.value
                     : name);
  return option.required ? text + " (required)" : text;
}

std::string sentence_of(const OptionInfo& option) {
  std::string text = option.doc;
  if (!text.empty() && text.back() != '.') text += ".";
  std::string choices;
  for (const auto& word : option.choices) choices += (choices.empty() ? "" : ", ") + code(word);
  if (!choices.empty()) text += (text.empty() ? "One of " : " One of ") + choices + ".";
  if (!option.default_value.empty()) text += fmt::format(" Default: {}.", code(option.default_value));
  return text;
}

// The text as a cell of a table, whose columns are separated by bars.
std::string cell(std::string text) {
  for (auto bar = text.find('|'); bar != std::string::npos; bar = text.find('|', bar + 2))
    text.insert(bar, "\\");
  return text;
}

std::string block(const std::string& name, const std::string& text) {
  return fmt::format("<!-- options of {} -->\n{}<!-- end of options -->\n", name, text);
}

std::string table_of(const std::vector<OptionInfo>& options) {
  if (options.empty()) return "";
  std::string text = "| option | what it does |\n| --- | --- |\n";
  for (const auto& option : options)
    text += fmt::format("| {} | {} |\n", cell(names_in_code(option)), cell(sentence_of(option)));
  return text;
}

// GitHub's anchor of a heading such as "farm plan".
std::string anchor_of(std::string name) {
  std::ranges::replace(name, ' ', '-');
  return "#" + name;
}

std::string reference_to(const CommandInfo& owner, const std::vector<OptionInfo>& options) {
  std::string names;
  for (const auto& option : options) names += (names.empty() ? "" : ", ") + code(option.names.back());
  return fmt::format("As for [{}]({}): {}.\n\n", owner.name, anchor_of(owner.name), names);
}

// The options of commands[at] without the common ones: references to earlier commands, then a table.
std::string own_options_of(const Commands& commands, std::size_t at, const std::vector<OptionInfo>& common) {
  std::vector<OptionInfo> rest;
  for (const auto& option : commands[at].options)
    if (std::ranges::find(common, option) == common.end()) rest.push_back(option);
  std::string references;
  for (std::size_t earlier = 1; earlier < at; ++earlier) {
    const auto known = std::ranges::stable_partition(
        rest, [&](const OptionInfo& option) { return !has(commands[earlier], option); });
    if (!known.empty()) references += reference_to(commands[earlier], {known.begin(), known.end()});
    rest.erase(known.begin(), known.end());
  }
  if (rest.empty() && references.empty()) return "No options of its own.\n";
  if (rest.empty()) references.pop_back();  // the empty line before a table
  return references + table_of(rest);
}

}  // namespace

std::string option_tables(const CommandLine& line) {
  const auto& commands = line.commands;
  const auto common = common_options(commands);
  std::string text = block("every command", table_of(common));
  for (std::size_t at = 1; at < commands.size(); ++at)
    text += block(commands[at].name, own_options_of(commands, at, common));
  return text;
}

}  // namespace dreamreel::app
