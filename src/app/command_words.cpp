#include "command_words.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/job/input_job.h"
#include "dreamreel/job/schema.h"

namespace dreamreel::app {
namespace {

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const auto found =
      std::ranges::find_if(commands, [&](const CLI::App* one) { return one->get_name() == name; });
  return found == commands.end() ? nullptr : *found;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const one : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(one->get_name());
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool is_file_to_render(const std::string& word) {
  std::error_code unreadable;
  return std::filesystem::exists(word, unreadable) || job::is_input(word) || word.ends_with(".yaml") ||
         word.ends_with(".yml");
}

// `path` is "dreamreel" or "dreamreel farm".
[[noreturn]] void refuse(const CLI::App& app, const std::string& path, const std::string& word) {
  if (app.get_parent() == nullptr && is_file_to_render(word))
    throw UsageError("expected a subcommand, got the file '" + word + "'; did you mean '" + path +
                     " render " + word + "'?");
  const auto names = commands_of(app);
  const std::string near = did_you_mean(word, names);
  throw UsageError("unknown subcommand '" + word + "'" +
                   (near.empty() ? "; " + path + " has " + joined(names) : near));
}

// Only flags stand before a subcommand, so the first other word names it.
void expect_commands(const CLI::App& app, const std::string& path,
                     std::vector<std::string>::const_iterator word,
                     std::vector<std::string>::const_iterator end) {
  const auto is_option = [](const std::string& text) { return text.size() > 1 && text[0] == '-'; };
  if (commands_of(app).empty()) return;
  bool asks = false;  // for help or the version, which need no subcommand
  for (; word != end && is_option(*word); ++word)
    asks = asks || *word == "--help" || *word == "-h" || *word == "--version";
  if (word == end) {
    if (asks) return;
    throw UsageError("expected a subcommand of " + path + ": " + joined(commands_of(app)));
  }
  const CLI::App* const command = find_command(app, *word);
  if (command == nullptr) refuse(app, path, *word);
  expect_commands(*command, path + " " + *word, word + 1, end);
}

const CLI::App& deepest_of(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest_of(*parsed.front());
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// The keys of a job that end in this name: "dream.step" for "--step".
std::string keys_called(std::string option) {
  option.erase(0, option.find_first_not_of('-'));
  option = option.substr(0, option.find('='));
  std::ranges::replace(option, '-', '_');
  std::string text;
  for (const auto& key : job::schema())
    if (key.kind == job::KeyInfo::Kind::value && key.path.find(".N.") == std::string::npos &&
        key.path.ends_with("." + option))
      text += (text.empty() ? "" : " or ") + ("--set " + key.path + "=...");
  return text;
}

std::string about_option(const CLI::App& command, const std::string& option) {
  const auto known = options_of(command);
  const bool takes_keys = std::ranges::find(known, "--set") != known.end();
  const std::string keys = takes_keys ? keys_called(option) : "";
  const std::string near = did_you_mean(option.substr(0, option.find('=')), known);
  return "unknown option " + option + (!keys.empty() ? "; did you mean " + keys + "?" : near);
}

}  // namespace

const char* const kFirstCommands =
    "First commands:\n"
    "  dreamreel render clip.mp4                dream on a clip, a photo or a folder of pictures\n"
    "  dreamreel looks                          list the looks\n"
    "  dreamreel looks clip.mp4 -o looks.png    show every look on a picture of yours\n"
    "  dreamreel render clip.mp4 --look agate   dream in one of them\n";

std::vector<std::string> arranged(const CLI::App& app, std::vector<std::string> arguments) {
  if (arguments.empty()) throw UsageError("expected a subcommand; `dreamreel --help` lists them");
  if (arguments.front() == "version") arguments.front() = "--version";
  if (arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  expect_commands(app, "dreamreel", arguments.begin(), arguments.end());
  return arguments;
}

std::string explained(const CLI::App& app, const CLI::Error& mistake) {
  if (dynamic_cast<const CLI::ExtrasError*>(&mistake) == nullptr) return mistake.what();
  const CLI::App& command = deepest_of(app);
  const auto extras = app.remaining(/*recurse=*/true);
  const auto option = std::ranges::find_if(extras, [](const auto& word) { return word.starts_with('-'); });
  if (option != extras.end()) return about_option(command, *option);
  return "unexpected '" + (extras.empty() ? std::string() : extras.front()) +
         "'; a path with spaces in it needs quotes";
}

}  // namespace dreamreel::app
