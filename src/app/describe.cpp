// Commands that describe the program to other programs: the job file's schema, the manual page, tables of
// options, and completions for shells.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <memory>
#include <string>

#include "command_line.h"
#include "commands.h"
#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/error.h"
#include "dreamreel/job/job.h"
#include "dreamreel/job/schema.h"
#include "dreamreel/settings/key_info.h"
#include "job_schema.h"

namespace dreamreel::app {
namespace {

// The allowed words in a type. CLI11 writes them as "TEXT:{auto,plain,json}".
std::vector<std::string> choices_of(const std::string& type) {
  const auto begin = type.find('{'), end = type.rfind('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  std::vector<std::string> words{""};
  for (const char c : type.substr(begin + 1, end - begin - 1)) {
    if (c == ',')
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

OptionInfo option_info(const CLI::Option& option) {
  OptionInfo info;
  info.doc = option.get_description();
  info.positional = !option.nonpositional();
  info.required = option.get_required();
  if (info.positional) info.names.push_back(option.get_name(true));
  for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
  if (option.get_items_expected_max() > 0) {
    info.value = option.get_type_name();
    info.default_value = option.get_default_str();
    info.choices = choices_of(info.value);
    info.value.erase(
        std::min(info.value.find(':'), info.value.size()));  // CLI11 writes its checks behind the colon
  }
  return info;
}

void add_commands(const CLI::App& app, const std::string& path, std::vector<CommandInfo>& commands) {
  const auto children = app.get_subcommands([](const CLI::App*) { return true; });
  if (children.empty() || path.empty()) {
    CommandInfo& info = commands.emplace_back(CommandInfo{path, app.get_description(), {}});
    for (const CLI::Option* const option : app.get_options()) info.options.push_back(option_info(*option));
  }
  for (const CLI::App* const child : children)
    add_commands(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), commands);
}

CommandLine command_line_of(const CLI::App& app) {
  CommandLine line;
  add_commands(app, "", line.commands);
  std::string& doc = line.commands.front().doc;
  if (const std::string name = "dreamreel: "; doc.starts_with(name)) doc.erase(0, name.size());
  line.exit_codes = app.get_footer();
  line.exit_codes.erase(std::min(line.exit_codes.find("\n\n"), line.exit_codes.size()));
  if (const std::string head = "Exit codes: "; line.exit_codes.starts_with(head))
    line.exit_codes.erase(0, head.size());
  return line;
}

// The keys for --set: all keys that hold a value, with the index 0 for every list.
std::vector<std::string> override_keys() {
  std::vector<std::string> keys;
  for (const auto& info : job::schema()) {
    if (info.kind == settings::KeyInfo::Kind::section || info.path == "extends") continue;
    std::string key = info.path;
    for (auto at = key.find(".N."); at != std::string::npos; at = key.find(".N.")) key.replace(at, 3, ".0.");
    keys.push_back(std::move(key));
  }
  return keys;
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

void print_completion(const CLI::App& app, const std::string& shell) {
  const auto line = command_line_of(app);
  const auto networks = cards::card_names(job::default_load_options());
  print(shell == "bash" ? bash_completion(line, override_keys(), networks)
                        : zsh_completion(line, override_keys(), networks));
}

}  // namespace

void add_describe(CLI::App& app) {
  app.add_subcommand("schema", "Print a JSON Schema of the job file, for editors")->callback([] {
    print(job_schema().dump(2) + "\n");
  });
  CLI::App* const completion =
      app.add_subcommand("completion", "Print a script that completes this command line in a shell");
  auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "The shell")->required()->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([&app, shell] { print_completion(app, *shell); });
  CLI::App* const manual =
      app.add_subcommand("manual", "Print the manual page; `dreamreel manual | man -l -` shows it");
  auto as_markdown = std::make_shared<bool>(false);
  manual->add_flag("--markdown", *as_markdown, "The tables of options for docs/commands.md instead");
  manual->callback([&app, as_markdown] {
    const auto line = command_line_of(app);
    print(*as_markdown ? option_tables(line) : manual_page(line, DREAMREEL_VERSION));
  });
}

}  // namespace dreamreel::app
