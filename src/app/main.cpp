// dreamreel: the command line. Only here do exceptions become exit codes.

#include <fmt/core.h>
#include <malloc.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "command_words.h"
#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/trust.h"
#include "dreamreel/study/versions.h"
#include "progress.h"
#include "signals.h"

namespace {

using AddCommand = void (*)(CLI::App&);

constexpr AddCommand kCommands[] = {
    dreamreel::app::add_render,   dreamreel::app::add_check,   dreamreel::app::add_looks,
    dreamreel::app::add_layers,   dreamreel::app::add_classes, dreamreel::app::add_atlas,
    dreamreel::app::add_measure,  dreamreel::app::add_bench,   dreamreel::app::add_info,
    dreamreel::app::add_farm,     dreamreel::app::add_clean,   dreamreel::app::add_fetch,
    dreamreel::app::add_describe, dreamreel::app::add_studio,  dreamreel::app::add_vary,
};

constexpr const char* kExitCodes =
    "Exit codes: 0 done; 64 wrong command line; 65 data does not match; 66 input missing or unreadable;\n"
    "69 device or network not available; 70 render error, out of memory included; 74 writing failed;\n"
    "75 interrupted, run again to resume; 78 bad job file.";

constexpr const char* kOutOfMemory = "out of memory; a smaller picture or fewer --threads take less";

// Exits without destroying static objects. After a failure or a signal, a thread that cannot be stopped
// (loading a network) may still be running and using them. The objects of the command itself have been
// destroyed by now, except after end_at_once().
[[noreturn]] void fail(dreamreel::ExitCode code, const std::string& message) {
  dreamreel::log_error(message);
  dreamreel::app::tell_failure(code, message);
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(code));
}

// Ends the program without destroying static objects. All results are on the disk by now, and LibTorch
// would take a tenth of a second to take its operators out of their tables. A sanitizer looks for leaks at
// a regular end.
int end_with(int code) {
#ifndef DREAMREEL_SANITIZED
  std::fflush(nullptr);
  std::_Exit(code);
#endif
  return code;
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

std::string versions() {
  return "dreamreel " DREAMREEL_VERSION "\n" + dreamreel::study::library_versions();
}

// Options that may stand before a subcommand and behind it.
void add_common(CLI::App& app) {
  app.set_version_flag("--version", versions);
  app.add_flag_callback(
      "-v,--verbose", [] { dreamreel::set_log_level(dreamreel::LogLevel::debug); }, "Say more");
  app.add_flag_callback(
      "-q,--quiet", [] { dreamreel::app::be_quiet(); }, "Say what is wrong, and nothing else");
}

// Calls the values of numeric options N, because CLI11 calls them by their C++ types: INT, UINT, FLOAT.
void name_numbers(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    const std::string type = option->get_type_name();
    const auto name = type.substr(0, type.find(':'));  // CLI11 appends the checks behind a colon
    if (name == "INT" || name == "UINT" || name == "FLOAT") option->type_name("N");
  }
}

// Adds them to every subcommand, and --trust as well, because all subcommands read files that may come from
// strangers.
void add_to_commands(CLI::App& app) {
  for (CLI::App* const command : app.get_subcommands({})) {
    add_common(*command);
    name_numbers(*command);
    if (!command->get_subcommands({}).empty()) {
      add_to_commands(*command);
      continue;
    }
    command->add_flag_callback(
        dreamreel::kTrustOption, [] { dreamreel::trust_ffmpeg(); },
        "Let the job, the clip and every other file use all of FFmpeg; only for files of your own");
  }
}

// Ends the program after an exception that nothing can catch: one in a thread of a library, or one that was
// thrown while another exception was on its way.
[[noreturn]] void end_at_once() {
  std::string message = "internal error";
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    message = kOutOfMemory;
  } catch (const std::exception& error) {
    message += std::string(": ") + error.what();
  } catch (...) {
  }
  fail(dreamreel::ExitCode::render, message);
}

int run_command(CLI::App& app, int argc, char** argv) {
  if (argc < 2) std::fputs(dreamreel::app::kFirstCommands, stderr);
  try {
    auto arguments = dreamreel::app::arranged(app, {argv + 1, argv + argc});
    std::ranges::reverse(arguments);  // CLI11 takes the last argument first
    app.parse(std::move(arguments));
    return 0;
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);  // prints help to stdout, mistakes to stderr
    return code == 0 ? 0 : static_cast<int>(dreamreel::ExitCode::usage);
  } catch (const dreamreel::Error& error) {
    fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    fail(dreamreel::ExitCode::render, kOutOfMemory);
  } catch (const std::exception& error) {
    fail(dreamreel::ExitCode::render, std::string("internal error: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate(end_at_once);
  prctl(PR_SET_NAME, "dreamreel");  // so that ps shows the name of the program that people started
  keep_freed_memory();
  dreamreel::app::turn_write_signals_into_errors();
  CLI::App app{"dreamreel: lets a trained network dream on moving pictures"};
  app.name("dreamreel");
  app.require_subcommand(1);
  app.footer(std::string(kExitCodes) + "\n\n" + dreamreel::app::kFirstCommands);
  // A message repeats the command line, which a script may have taken from a stranger's file.
  app.failure_message([](const CLI::App* refusing, const CLI::Error& mistake) {
    const auto message = dreamreel::printable(dreamreel::app::explained(*refusing, mistake));
    dreamreel::app::tell_failure(dreamreel::ExitCode::usage, message);
    return fmt::format("dreamreel: error: {}\nRun with --help for more information.\n", message);
  });
  add_common(app);
  for (const auto add : kCommands) add(app);
  add_to_commands(app);
  return end_with(run_command(app, argc, argv));
}
