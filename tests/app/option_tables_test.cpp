// The tables of options in docs/commands.md. tests/scripts/commands_page_test.py compares the page with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line.h"

namespace dreamreel::app {
namespace {

using testing::HasSubstr;
using testing::Not;

OptionInfo option(std::string name, std::string value, std::string doc) {
  OptionInfo info;
  info.names = {std::move(name)};
  info.value = std::move(value);
  info.doc = std::move(doc);
  return info;
}

CommandLine two_commands() {
  const auto help = option("--help", "", "Print help");
  const auto seed = option("--seed", "N", "Another dream");
  auto show = option("--show", "WHAT", "Instead of a dream");
  show.choices = {"maps", "dots"};
  show.default_value = "maps";
  CommandLine line;
  line.commands = {{"", "the program", {help}},
                   {"farm plan", "plans", {help, seed, option("--split", "A|B", "Cut")}},
                   {"check", "checks", {help, seed, show, option("--json", "", "For programs.")}},
                   {"tell", "tells", {help, seed}},
                   {"clean", "cleans", {help}}};
  return line;
}

std::string block_of(const std::string& name) {
  const std::string tables = option_tables(two_commands());
  const auto begin = tables.find("<!-- options of " + name + " -->\n");
  EXPECT_NE(begin, std::string::npos) << name;
  return tables.substr(begin, tables.find("<!-- end of options -->\n", begin) - begin);
}

TEST(OptionTables, ExplainCommonOptionsOnce) {
  EXPECT_THAT(block_of("every command"), HasSubstr("| `--help` | Print help. |\n"));
  EXPECT_THAT(block_of("farm plan"), Not(HasSubstr("--help")));
  EXPECT_THAT(block_of("clean"), HasSubstr("No options of its own."));
}

TEST(OptionTables, ReferToTheCommandThatExplainsAnOption) {
  EXPECT_THAT(block_of("farm plan"), HasSubstr("| `--seed N` | Another dream. |\n"));
  EXPECT_THAT(block_of("check"), HasSubstr("As for [farm plan](#farm-plan): `--seed`.\n\n| option |"));
  EXPECT_THAT(block_of("tell"), HasSubstr("-->\nAs for [farm plan](#farm-plan): `--seed`.\n"));
}

TEST(OptionTables, SayValuesChoicesAndDefaults) {
  EXPECT_THAT(block_of("check"), HasSubstr("| `--show WHAT` | Instead of a dream. One of `maps`, `dots`. "
                                           "Default: `maps`. |\n| `--json` | For programs. |\n"));
}

TEST(OptionTables, KeepTheColumnsOfATable) {
  EXPECT_THAT(block_of("farm plan"), HasSubstr("| `--split A\\|B` | Cut. |\n"));
}

}  // namespace
}  // namespace dreamreel::app
