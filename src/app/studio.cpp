#include "dreamreel/studio/studio.h"

#include <fmt/core.h>

#include <cstdio>
#include <memory>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/image/threads.h"
#include "job_arguments.h"
#include "program.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

struct StudioArguments {
  std::filesystem::path opened;
  int port = 0, threads = 0;
};

void run_studio(const StudioArguments& arguments) {
  const auto& stop = stop_on_signals();
  image::set_threads(wanted_threads(arguments.threads));
  studio::StudioOptions options;
  options.port = arguments.port;
  options.program = program_path();
  const auto opened = arguments.opened.empty() ? std::filesystem::current_path()
                                               : std::filesystem::absolute(arguments.opened);
  if (std::filesystem::is_directory(opened)) {
    options.folder = opened;
  } else {
    if (const std::string why = why_not_a_file(opened); !why.empty())
      throw InputError(fmt::format("cannot open {}: {}", arguments.opened.string(), why));
    options.folder = opened.parent_path();
    options.opened = opened;
  }
  studio::Studio studio(options);
  if (const std::string why = studio::Studio::why_no_page(); !why.empty()) log_warning(why);
  log_info(fmt::format("the studio works in {}; stop it with Ctrl-C", options.folder.string()));
  std::printf("%s\n", studio.address().c_str());
  std::fflush(stdout);
  studio.run(stop);
}

}  // namespace

void add_studio(CLI::App& app) {
  auto arguments = std::make_shared<StudioArguments>();
  CLI::App* command = app.add_subcommand("studio", "A page in the browser: see, change and render a job");
  command->add_option("FILE", arguments->opened,
                      "A job, photo, clip or song, or a folder of them (default: the current folder)");
  command->add_option("--port", arguments->port, "Of the page (default: any that is free)")
      ->check(CLI::Range(1, 65535));
  command->add_option("--threads", arguments->threads, "Threads of previews (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  command->footer(
      "Open the printed address in a browser of this machine. Nobody else can: the server listens on this "
      "machine "
      "alone, and the\naddress has a token. Renders go on when the studio ends.");
  command->callback([arguments] { run_studio(*arguments); });
}

}  // namespace dreamreel::app
