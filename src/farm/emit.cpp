#include "dreamreel/farm/emit.h"

#include <fmt/core.h>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/trust.h"
#include "script.h"

namespace dreamreel::farm {
namespace fs = std::filesystem;
namespace {

std::string common_arguments(const Farm& farm, const Places& places) {
  std::string text = fmt::format(
      " --plan {} --work {} --output {}", shell_quoted(fs::absolute(places.plan).lexically_normal().string()),
      shell_quoted(farm.work.root().string()), shell_quoted(farm.job.output.path.string()));
  if (!farm.job.input.noise) text += " --source " + shell_quoted(farm.job.input.path.string());
  if (places.network) text += " --network " + shell_quoted(farm.job.network.path.string());
  if (trusts_ffmpeg()) text += std::string(" ") + kTrustOption;
  return text;
}

void emit_commands(const Farm& farm, const Places& places, const EmitOptions& options) {
  std::string lines;
  for (std::size_t i = 0; i < farm.plan.chunks.size(); ++i)
    lines += fmt::format("{} --index {}\n", chunk_command(farm, places, options), i);
  write_script(options.folder / "commands", lines, false);
  write_script(options.folder / "join.sh",
               fmt::format("#!/bin/sh\nexec {}\n", join_command(farm, places, options)), true);
}

}  // namespace

std::string shell_quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'')
      text += "'\\''";
    else
      text += c;
  }
  return text + "'";
}

std::string chunk_command(const Farm& farm, const Places& places, const EmitOptions& options) {
  std::string text = fmt::format("{} farm chunk{}", shell_quoted(options.executable.string()),
                                 common_arguments(farm, places));
  if (options.threads > 0) text += fmt::format(" --threads {}", options.threads);
  if (options.memory > 0) text += fmt::format(" --memory {}", options.memory);
  return text + " --progress plain";
}

std::string join_command(const Farm& farm, const Places& places, const EmitOptions& options) {
  return fmt::format("{} farm join{}", shell_quoted(options.executable.string()),
                     common_arguments(farm, places));
}

void write_script(const fs::path& path, const std::string& text, bool executable) {
  write_file_atomically(path, text);
  if (!executable) return;
  std::error_code error;
  fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add, error);
  if (error) throw IoError(fmt::format("cannot make {} executable: {}", path.string(), error.message()));
}

namespace {

// A line break in a name could begin a new command or a new line of a script. No scheduler's quoting can be
// trusted with line breaks, so such names are refused for all schedulers.
void expect_name(const std::string& what, const std::string& name, Scheduler scheduler) {
  if (has_control_characters(name))
    throw JobError(
        fmt::format("emit: the name of the {} holds a line break or another control character, which a "
                    "script must not have: {}; rename it",
                    what, printable(name)));
  if (scheduler == Scheduler::openjd && !is_utf8(name))
    throw JobError(
        fmt::format("emit openjd: a template is UTF-8, and the name of the {} is not: {}; rename it", what,
                    printable(name)));
}

void expect_names(const Farm& farm, const Places& places, const EmitOptions& options) {
  const auto expect = [&](const std::string& what, const fs::path& path) {
    expect_name(what, path.string(), options.scheduler);
  };
  expect("plan", fs::absolute(places.plan));
  expect("source", farm.job.input.path);
  expect("network", farm.job.network.path);
  expect("work folder", farm.work.root());
  expect("output", farm.job.output.path);
  expect("program", options.executable);
  expect("folder of the scripts", fs::absolute(options.folder));
}

}  // namespace

void emit(const Farm& farm, const Places& places, const EmitOptions& options) {
  if (farm.plan.chunks.empty())
    throw UsageError(places.plan.string() + " has no chunks: make the plan with dreamreel farm plan");
  expect_names(farm, places, options);
  switch (options.scheduler) {
    case Scheduler::slurm:
      return emit_slurm(farm, places, options);
    case Scheduler::openjd:
      return emit_openjd(farm, places, options);
    case Scheduler::commands:
      return emit_commands(farm, places, options);
  }
}

}  // namespace dreamreel::farm
