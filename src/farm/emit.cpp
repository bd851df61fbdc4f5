#include "dreamreel/farm/emit.h"

#include <fmt/core.h>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/trust.h"
#include "dreamreel/prepare/memory.h"
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

namespace {

// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

std::string how_to_begin(const Farm& farm, const EmitOptions& options) {
  const std::string chunks = counted(std::ssize(farm.plan.chunks), "chunk");
  const auto in_folder = [&](const char* name) { return (options.folder / name).string(); };
  switch (options.scheduler) {
    case Scheduler::slurm:
      return in_folder("submit.sh") + " submits " + chunks + " and the join";
    case Scheduler::openjd:
      return in_folder("template.yaml") + " has a task for each of " + chunks + ", and the join";
    case Scheduler::commands:
      break;
  }
  return in_folder("commands") + " has a line for each of " + chunks + "; run " + in_folder("join.sh") +
         " when they are done";
}

}  // namespace

std::vector<std::string> asked_in_words(const Farm& farm, const EmitOptions& options) {
  const bool has_scheduler = options.scheduler != Scheduler::commands;
  std::vector<std::string> asked, left;
  bool is_measurable = false;  // whether --measure would find what is left
  const auto add = [&](bool is_given, const std::string& words, const char* option, bool measures) {
    if (is_given) return asked.push_back(words);
    left.emplace_back(option);
    is_measurable = is_measurable || measures;
  };
  add(options.threads > 0, counted(options.threads, "core"), "--threads", false);
  if (options.gpus > 0 && has_scheduler) asked.push_back(counted(options.gpus, "GPU"));
  const std::int64_t memory = has_scheduler ? options.reserved_bytes : options.memory;
  add(memory > 0, prepare::size_text(memory), "--memory", has_scheduler);
  if (options.scheduler == Scheduler::slurm)
    add(options.minutes > 0, counted(options.minutes, "minute"), "--minutes", true);
  std::vector<std::string> lines{how_to_begin(farm, options)};
  if (!asked.empty())
    lines.push_back((has_scheduler ? "a chunk asks for " : "a chunk takes ") + listed(asked));
  if (!left.empty())
    lines.push_back("without " + listed(left) + ", " +
                    (has_scheduler ? "the scheduler's own defaults count"
                                   : "a chunk takes all cores, or 70 % of the free memory, of its machine"));
  if (is_measurable)
    lines.emplace_back(
        "nothing was measured: --measure times one step here, and asks for the memory and the time that it "
        "points to");
  return lines;
}

}  // namespace dreamreel::farm
