// dreamreel: the command line. Only here do exceptions become exit codes.

#include <malloc.h>
#include <sys/prctl.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/trust.h"
#include "dreamreel/study/versions.h"
#include "signals.h"

namespace {

using AddCommand = void (*)(CLI::App&);

constexpr AddCommand kCommands[] = {
    dreamreel::app::add_render,  dreamreel::app::add_check, dreamreel::app::add_layers,
    dreamreel::app::add_classes, dreamreel::app::add_atlas, dreamreel::app::add_measure,
    dreamreel::app::add_bench,   dreamreel::app::add_info,  dreamreel::app::add_farm,
    dreamreel::app::add_clean,   dreamreel::app::add_fetch, dreamreel::app::add_describe,
    dreamreel::app::add_studio,  dreamreel::app::add_vary,  dreamreel::app::add_looks,
};

constexpr const char* kExitCodes =
    "Exit codes: 0 done; 64 wrong command line; 65 data does not match; 66 input missing or unreadable;\n"
    "69 device or network not available; 70 render error, out of memory included; 74 writing failed;\n"
    "75 interrupted, run again to resume; 78 bad job file.";

// Exits without destroying static objects. After a failure or a signal, a thread that cannot be stopped
// (loading a network) may still be running and using them. The objects of the command itself have been
// destroyed by now.
[[noreturn]] void fail(dreamreel::ExitCode code, const std::string& message) {
  dreamreel::log_error(message);
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(code));
}

// Keeps memory that the main thread, which ascends, has taken once. A step takes a dozen blocks of the
// frame's size and gives them back. glibc maps and unmaps blocks above 32 MiB each time, and the kernel then
// clears every page: 330,000 pages a step at 3840x2160.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
#endif
}

// Adds the option to every subcommand, because all of them read files that may come from strangers.
void add_trust(CLI::App& app) {
  for (CLI::App* const command : app.get_subcommands({})) {
    if (!command->get_subcommands({}).empty()) {
      add_trust(*command);
      continue;
    }
    command->add_flag_callback(
        dreamreel::kTrustOption, [] { dreamreel::trust_ffmpeg(); },
        "Let the job, the clip and every other file use all of FFmpeg; only for files of your own");
  }
}

int run(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);  // prints help to stdout, mistakes to stderr
    return code == 0 ? 0 : static_cast<int>(dreamreel::ExitCode::usage);
  } catch (const dreamreel::Error& error) {
    fail(error.code(), error.what());
  } catch (const std::exception& error) {
    fail(dreamreel::ExitCode::render, std::string("internal error: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_NAME, "dreamreel");  // so that ps and killall show the name of the program that people started
  keep_freed_memory();
  dreamreel::app::turn_write_signals_into_errors();
  CLI::App app{"dreamreel: lets a trained network dream on moving pictures"};
  app.set_version_flag(
      "--version", [] { return "dreamreel " DREAMREEL_VERSION "\n" + dreamreel::study::library_versions(); });
  app.require_subcommand(1);
  app.footer(kExitCodes);
  // A message repeats the command line, which a script may have taken from a stranger's file.
  app.failure_message([](const CLI::App*, const CLI::Error& mistake) {
    return dreamreel::printable(mistake.what()) + "\nRun with --help for more information.\n";
  });
  app.add_flag_callback(
      "-v,--verbose", [] { dreamreel::set_log_level(dreamreel::LogLevel::debug); }, "Say more");
  app.add_flag_callback(
      "-q,--quiet", [] { dreamreel::set_log_level(dreamreel::LogLevel::warning); }, "Say less");
  for (const auto add : kCommands) add(app);
  add_trust(app);
  return run(app, argc, argv);
}
