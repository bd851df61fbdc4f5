#include "command_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <regex>
#include <system_error>

#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/job/input_job.h"
#include "dreamreel/job/schema.h"
#include "dreamreel/settings/key_info.h"
#include "joined.h"

namespace dreamreel::app {
namespace {

const CLI::App* subcommand_called(const CLI::App& app, const std::string& name) {
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

bool is_file_to_render(const std::string& word) {
  std::error_code unreadable;
  return std::filesystem::exists(word, unreadable) || job::is_input(word) || word.ends_with(".yaml") ||
         word.ends_with(".yml");
}

// `path` is "dreamreel" or "dreamreel farm".
[[noreturn]] void refuse_subcommand(const CLI::App& app, const std::string& path, const std::string& word) {
  if (app.get_parent() == nullptr && is_file_to_render(word))
    throw UsageError(fmt::format("expected a subcommand, got the file '{}'; did you mean '{} render {}'?",
                                 word, path, word));
  const auto names = commands_of(app);
  const std::string near = did_you_mean(word, names);
  throw UsageError(fmt::format("unknown subcommand '{}'{}", word,
                               near.empty() ? fmt::format("; {} has {}", path, joined(names)) : near));
}

const CLI::App& deepest_of(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest_of(*parsed.front());
}

std::vector<std::string> long_options_of(const CLI::App& app) {
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
    if (key.kind == settings::KeyInfo::Kind::value && key.path.find(".N.") == std::string::npos &&
        key.path.ends_with("." + option))
      text += (text.empty() ? "" : " or ") + fmt::format("--set {}=...", key.path);
  return text;
}

struct OtherWord {
  const char* word;    // as other programs, or plain English, call it
  const char* option;  // the option that has to be there
  const char* usage;   // what to write
};

constexpr OtherWord kOtherWords[] = {
    {"audio", "--song", "--song FILE"},
    {"crf", "--set", "--set 'output.video.options={crf: 16}'"},
    {"end", "--frames", "--frames 2s..5s"},
    {"force", "--overwrite", "--overwrite"},
    {"from", "--frames", "--frames 2s..5s"},
    {"height", "--set", "--set input.filter=scale=-2:360"},
    {"length", "--frames", "--frames 0s..5s"},
    {"music", "--song", "--song FILE"},
    {"preview", "--draft", "--draft"},
    {"quality", "--set", "--set 'output.video.options={crf: 16}'"},
    {"resolution", "--set", "--set input.filter=scale=640:-2"},
    {"scale", "--set", "--set input.filter=scale=640:-2"},
    {"size", "--set", "--set input.filter=scale=640:-2"},
    {"sound", "--song", "--song FILE"},
    {"start", "--frames", "--frames 2s..5s"},
    {"style", "--look", "--look NAME"},
    {"to", "--frames", "--frames 2s..5s"},
    {"width", "--set", "--set input.filter=scale=640:-2"},
};

// What to write for an option that other programs have: "--song FILE" for "--music"; "" if nothing is known.
std::string other_word(const std::string& option, const std::vector<std::string>& known) {
  const std::string word = option.substr(std::min(option.size(), option.find_first_not_of('-')));
  const auto has = [&](const char* name) { return std::ranges::find(known, name) != known.end(); };
  for (const auto& other : kOtherWords)
    if (word.substr(0, word.find('=')) == other.word && has(other.option)) return other.usage;
  return "";
}

std::string about_option(const CLI::App& command, const std::string& option) {
  const auto known = long_options_of(command);
  if (const std::string usage = other_word(option, known); !usage.empty())
    return fmt::format("unknown option {}; did you mean {}?", option, usage);
  const bool takes_keys = std::ranges::find(known, "--set") != known.end();
  const std::string keys = takes_keys ? keys_called(option) : "";
  const std::string near = did_you_mean(option.substr(0, option.find('=')), known);
  return fmt::format("unknown option {}{}", option,
                     !keys.empty() ? fmt::format("; did you mean {}?", keys) : near);
}

// CLI11 reads "-version" as six flags of one letter.
void expect_known_flags(const CLI::App& app, std::vector<std::string>::const_iterator word,
                        std::vector<std::string>::const_iterator end) {
  const auto known = long_options_of(app);
  for (; word != end; ++word)
    if (word->size() > 3 && std::ranges::find(known, *word) == known.end())
      throw UsageError(about_option(app, *word));
}

// The message of CLI11 for a value that an option refuses, said as the messages about a job's keys are:
// option, what was expected, what was found. Any other message stays.
std::string about_value(const std::string& message) {
  static const std::regex kRange(R"((\S+): Value (.*) not in range (\S+) to (\S+))");
  static const std::regex kChoice(R"((\S+): (.*) not in \{(.*)\})");
  static const std::regex kNumber(R"(Could not convert: (\S+) = (.*))");
  static const std::regex kNothing(R"((\S+): \d+ required (\S+) missing)");
  const auto plain = [](std::string number) {  // "0.500000" becomes "0.5"
    if (number.find('.') == std::string::npos) return number;
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
    return number;
  };
  constexpr std::size_t kLongest = 2000;  // std::regex takes stack for each character
  std::smatch found;
  if (message.size() > kLongest) return message;
  if (std::regex_match(message, found, kRange)) {
    const bool is_whole = found.str(3).find('.') == std::string::npos;
    return fmt::format("{}: expected a {}number from {} to {}, got '{}'", found.str(1),
                       is_whole ? "whole " : "", plain(found[3]), plain(found[4]), found.str(2));
  }
  if (std::regex_match(message, found, kChoice))
    return fmt::format("{}: expected one of {}, got '{}'", found.str(1), found.str(3), found.str(2));
  if (std::regex_match(message, found, kNumber))
    return fmt::format("{}: expected a number, got '{}'", found.str(1), found.str(2));
  if (std::regex_match(message, found, kNothing))
    return fmt::format("{}: expected a {}, got nothing", found.str(1), found.str(2));
  return message;
}

bool is_song(std::string name) {
  constexpr std::array kSounds{".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav"};
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::any_of(kSounds, [&](const char* sound) { return name.ends_with(sound); });
}

// The KEY of an option KEY=VALUE that was given without its value.
std::string key_without_value(const CLI::App& command) {
  for (const CLI::Option* const option : command.get_options())
    if (option->get_type_name() == "KEY=VALUE")
      for (const auto& text : option->results())
        if (text.find('=') == std::string::npos) return option->get_name() + " " + text;
  return "";
}

// A word that is no option and has no place in the command line.
std::string about_word(const CLI::App& command, const std::string& word) {
  const std::string unexpected = fmt::format("unexpected '{}'", word);
  if (const std::string key = key_without_value(command); !key.empty())
    return fmt::format("{}; did you mean {}={}?", unexpected, key, word);
  const auto known = long_options_of(command);
  if (is_song(word) && std::ranges::find(known, "--song") != known.end())
    return fmt::format("{}; did you mean --song {}?", unexpected, word);
  std::error_code unreadable;
  if (std::filesystem::exists(word, unreadable))
    return fmt::format("{}; {} takes no further file; give a command for each", unexpected,
                       command.get_name());
  return unexpected + "; a path with spaces in it needs quotes";
}

// Only flags stand before a subcommand, so the first other word names it.
void expect_commands(const CLI::App& app, const std::string& path,
                     std::vector<std::string>::const_iterator word,
                     std::vector<std::string>::const_iterator end) {
  const auto is_option = [](const std::string& text) { return text.size() > 1 && text[0] == '-'; };
  if (commands_of(app).empty()) return;
  const auto first = word;
  bool asks = false;  // for help or the version, which need no subcommand
  for (; word != end && is_option(*word); ++word)
    asks = asks || *word == "--help" || *word == "-h" || *word == "--version";
  if (word == end) {
    if (asks) return;
    expect_known_flags(app, first, end);
    throw UsageError(fmt::format("expected a subcommand of {}: {}", path, joined(commands_of(app))));
  }
  const CLI::App* const command = subcommand_called(app, *word);
  if (command == nullptr) refuse_subcommand(app, path, *word);
  expect_commands(*command, path + " " + *word, word + 1, end);
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
  if (dynamic_cast<const CLI::ExtrasError*>(&mistake) == nullptr) return about_value(mistake.what());
  const CLI::App& command = deepest_of(app);
  const auto extras = app.remaining(/*recurse=*/true);
  const auto option = std::ranges::find_if(extras, [](const auto& word) { return word.starts_with('-'); });
  if (option != extras.end()) return about_option(command, *option);
  return about_word(command, extras.empty() ? std::string() : extras.front());
}

}  // namespace dreamreel::app
