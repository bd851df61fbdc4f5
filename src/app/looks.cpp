#include "dreamreel/job/looks.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "commands.h"
#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/input_job.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/study/look_sheet.h"
#include "job_arguments.h"
#include "overwrite.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

struct LooksArguments {
  std::filesystem::path input, output;
  std::string at;
  std::vector<std::string> names, overrides;
  int size = study::LookSheetOptions{}.side, threads = 0;
  bool overwrite = false;
};

// The networks of a look that are not there: "oid, faceres".
std::string missing_networks(const job::Look& look, const job::LoadOptions& options) {
  std::set<std::string> names;
  auto of_any_picture = options;  // a look of one's own need not name one
  of_any_picture.overrides = {"input.path=any.png", "output.path=any_dream.png"};
  try {
    for (const auto& network : job::networks_of(job::load_job(look.file, of_any_picture)))
      if (!std::filesystem::exists(network.path)) names.insert(network.name);
  } catch (const Error&) {  // a look that cannot be read says why when it is dreamed
  }
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void list() {
  const auto options = job::default_load_options();
  const auto looks = job::list_looks(options);
  std::size_t widest = 0;
  for (const auto& look : looks) widest = std::max(widest, look.name.size());
  for (const auto& look : looks) {
    const std::string missing = missing_networks(look, options);
    std::printf("%-*s  %s%s\n", static_cast<int>(widest), printable(look.name).c_str(),
                look.description.c_str(),
                missing.empty() ? "" : fmt::format(" [not fetched: {}]", printable(missing)).c_str());
  }
}

void make_sheet(const LooksArguments& arguments) {
  if (arguments.output.empty()) throw UsageError("-o: a sheet needs a file to go to, e.g. -o looks.png");
  expect_replaceable(arguments.output, arguments.overwrite);
  image::set_threads(wanted_threads(arguments.threads));
  study::LookSheetOptions options;
  options.input = job::input_path_of(arguments.input);
  if (!arguments.at.empty()) {
    options.at = parse_time(arguments.at);
    if (!options.at)
      throw UsageError(fmt::format("--at: expected a time such as 6s, 0:06 or 144f, got '{}'", arguments.at));
  }
  options.looks = arguments.names;
  options.load = job::default_load_options();
  options.load.overrides = arguments.overrides;
  options.side = arguments.size;
  options.stop = &stop_on_signals();
  options.progress = [](std::size_t i, std::size_t count, const std::string& name) {
    log_info(fmt::format("look {}/{}: {}", i + 1, count, name));
  };
  const auto result = study::write_look_sheet(options, arguments.output);
  for (const auto& line : result.missing) log_warning(line);
  log_info(arguments.output.string() + ": " + counted(static_cast<std::int64_t>(result.dreamed), "look"));
}

}  // namespace

void add_looks(CLI::App& app) {
  auto arguments = std::make_shared<LooksArguments>();
  CLI::App* command =
      app.add_subcommand("looks", "List the looks, or show all of them on a picture of yours");
  command->add_option("INPUT", arguments->input, "A picture, a clip or a folder of numbered pictures");
  command->add_option("NAMES", arguments->names, "Only these looks (default: all)");
  command->add_option("-o,--output", arguments->output, "The sheet, a picture (.png)");
  command->add_option("--at", arguments->at, "Which moment of a clip (default: its middle)")
      ->type_name("TIME");
  command->add_option("--size", arguments->size, "Longer side of a tile, pixels")
      ->check(CLI::Range(64, 2048))
      ->capture_default_str();
  command->add_option("--set", arguments->overrides, "Override a key in all looks (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--threads", arguments->threads, "Threads of the ascent (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  add_overwrite(*command, arguments->overwrite);
  command->callback([arguments] {
    if (arguments->input.empty())
      list();
    else
      make_sheet(*arguments);
  });
}

}  // namespace dreamreel::app
