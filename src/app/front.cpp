// The program that people start. It tells without loading LibTorch, which takes half a second, whether a
// chunk of a farm is already done. For everything else, it becomes the engine (dreamreel-engine, in the same
// folder).

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/core/file_names.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/trust.h"
#include "dreamreel/farm/done_check.h"
#include "dreamreel/job/job.h"
#include "progress.h"

namespace dreamreel::app {
namespace {

namespace fs = std::filesystem;

// The options of `farm chunk` that matter here. All other options are for the engine.
struct Chunk {
  fs::path plan, work, output;
  std::optional<std::size_t> index;
  std::string progress = "auto";
  bool quiet = false;
};

// nullopt for any other command, and if the options need more than the answer whether the chunk is done.
std::optional<Chunk> asked_chunk(int argc, char** argv) {
  Chunk chunk;
  bool restart = false, verbose = false;
  fs::path path_map;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-q,--quiet", chunk.quiet);
  app.add_flag("-v,--verbose", verbose);
  CLI::App* const farm = app.add_subcommand("farm");
  CLI::App* const command = farm->add_subcommand("chunk");
  command->set_help_flag();
  command->add_flag("-q,--quiet", chunk.quiet);
  command->add_option("--plan", chunk.plan)->required();
  command->add_option("--index", chunk.index)->required();
  command->add_option("--work", chunk.work);
  command->add_option("--output", chunk.output);
  command->add_option("--path-map", path_map);
  command->add_option("--progress", chunk.progress)->check(CLI::IsMember(progress_formats()));
  command->add_flag("--restart", restart);
  command->add_flag(kTrustOption);  // checking needs no FFmpeg
  for (const char* const other : {"--source", "--network", "--device", "--threads", "--memory"})
    command->add_option_function<std::string>(other, [](const std::string&) {});
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError&) {
    return {};
  }
  if (!command->parsed() || restart || verbose) return {};
  // Only the engine can find out the place of the output.
  if (chunk.work.empty() && !path_map.empty()) return {};
  return chunk;
}

fs::path output_of(const fs::path& plan) {
  const std::string text = read_whole(plan, kMostJsonBytes);
  expect_small_json(text);
  const auto yaml = nlohmann::json::parse(text).at("job_yaml").get<std::string>();
  return job::parse_job(yaml, plan, job::default_load_options()).output.path;
}

bool is_done(const Chunk& chunk) {
  fs::path work = chunk.work;
  if (work.empty()) {
    const fs::path output = chunk.output.empty() ? output_of(chunk.plan) : chunk.output;
    work = with_suffix(output, ".work");
  }
  return farm::is_surely_done(chunk.plan, work, *chunk.index);
}

// Prints the engine's line if the chunk is done.
bool is_done_chunk(int argc, char** argv) {
  try {
    const auto chunk = asked_chunk(argc, argv);
    if (!chunk || !is_done(*chunk)) return false;
    if (chunk->quiet) be_quiet();
    finish_chunk(*make_progress(chunk->progress), *chunk->index, true);
    return true;
  } catch (const std::exception&) {  // the engine reports the error
    return false;
  }
}

// GNU OpenMP's threads spin for milliseconds at every barrier. This takes a core from decoder, flow and
// encoder, and from other processes. A few microseconds are enough for the ascent. OpenMP reads the variable
// when the engine is loaded. A setting of the user has priority.
void let_waiting_threads_sleep() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "3000", /*overwrite=*/0);
}

// With fewer addresses, LibTorch's libraries and threads fail while they start, and some of them crash.
void expect_address_space() {
  constexpr rlim_t kLeast = rlim_t{1536} << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= kLeast)
    return;
  log_error(fmt::format(
      "out of memory: this process may take {} MiB of addresses (ulimit -v), and needs {} MiB to start",
      limit.rlim_cur >> 20, kLeast >> 20));
  std::_Exit(static_cast<int>(ExitCode::render));
}

[[noreturn]] void become_engine(char** argv) {
  const fs::path here = fs::read_symlink("/proc/self/exe");
  const std::string engine = (here.parent_path() / "dreamreel-engine").string();
  execv(engine.c_str(), argv);
  log_error(
      fmt::format("cannot run {}: {}; it belongs beside {}", engine, std::strerror(errno), here.string()));
  std::_Exit(static_cast<int>(ExitCode::unavailable));
}

}  // namespace
}  // namespace dreamreel::app

int main(int argc, char** argv) {
  if (dreamreel::app::is_done_chunk(argc, argv)) return 0;
  dreamreel::app::expect_address_space();
  dreamreel::app::let_waiting_threads_sleep();
  dreamreel::app::become_engine(argv);
}
