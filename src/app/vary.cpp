#include "dreamreel/study/vary.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "job_arguments.h"
#include "overwrite.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

struct VaryArguments {
  JobArguments job;
  std::vector<std::string> over;
  std::filesystem::path output;
  std::int64_t frame = 0;
  int side = 480;
  bool overwrite = false;
};

void run_vary(const VaryArguments& arguments) {
  study::VaryOptions options;
  options.stop = &stop_on_signals();
  options.frame = arguments.frame;
  options.memory = arguments.job.memory;
  for (const auto& text : arguments.over) options.axes.push_back(study::parse_axis(text));
  study::check_vary_path(arguments.output);
  expect_replaceable(arguments.output, arguments.overwrite);
  load(arguments.job);  // loaded once alone, so that the job's own problems are reported once
  options.load_job = [&](const std::vector<std::string>& overrides) {
    JobArguments one = arguments.job;
    one.overrides.insert(one.overrides.end(), overrides.begin(), overrides.end());
    return load(one).job;
  };
  options.progress = [](std::size_t done, std::size_t count) {
    log_info(fmt::format("variation {} of {}", done, count));
  };
  const auto variations = study::vary(options);
  study::write_variations(options.axes, variations, arguments.side, arguments.output);
  const auto failed = std::ranges::find_if(variations, [](const auto& one) { return !one.problem.empty(); });
  if (failed != variations.end())
    throw Error(failed->code, fmt::format("{}: {}: {}", arguments.output.string(), failed->overrides.back(),
                                          failed->problem));
  log_info(fmt::format("{}: {} variations", arguments.output.string(), variations.size()));
}

}  // namespace

void add_vary(CLI::App& app) {
  auto arguments = std::make_shared<VaryArguments>();
  CLI::App* command = app.add_subcommand("vary", "One frame with several values of a key, side by side");
  command->add_option("JOB", arguments->job.file, "Job file (YAML)")->required();
  command->add_option("-o,--output", arguments->output, "A picture (.png) or a page (.html)")->required();
  command
      ->add_option("--over", arguments->over,
                   "A key and its values: dream.step=1,2,4 or seed=1..4; once or twice")
      ->type_name("KEY=VALUES")
      ->allow_extra_args(false)
      ->required();
  command->add_option("--set", arguments->job.overrides, "Override a key in all of them (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--frame", arguments->frame, "The frame, counted from 0")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
      ->capture_default_str();
  command->add_option("--side", arguments->side, "Longer side of a picture on the sheet, pixels")
      ->check(CLI::Range(16, 4096))
      ->capture_default_str();
  command->add_flag("--draft", arguments->job.draft, "A quarter of the pixels and half the iterations");
  command->add_option("--threads", arguments->job.threads, "Threads of the ascent (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  add_memory(*command, arguments->job.memory);
  add_overwrite(*command, arguments->overwrite);
  command->callback([arguments] { run_vary(*arguments); });
}

}  // namespace dreamreel::app
