#include "dreamreel/farm/farm.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/farm/emit.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/prepare/preflight.h"
#include "dreamreel/prepare/warnings.h"
#include "dreamreel/report/located.h"
#include "dreamreel/study/estimate.h"
#include "dreamreel/work/facts.h"
#include "job_arguments.h"
#include "overwrite.h"
#include "profile.h"
#include "program.h"
#include "progress.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

// Slurm warns a chunk 90 seconds before its end, and may do so a minute too early.
constexpr int kLeastMinutes = 5, kMostMinutes = 60 * 24 * 365;
constexpr std::int64_t kMostFramesOfAPiece = 1'000'000'000;
constexpr int kMostGpus = 1024;

// Every option is declared only for the subcommands that need it. They all share this struct.
struct FarmArguments {
  JobArguments job;
  std::filesystem::path plan, source, work, output, network, path_map, folder, profile, executable;
  std::string split = "shots", progress = "auto", device, scheduler;
  farm::SplitOptions split_options;
  std::size_t index = 0;
  std::int64_t chunk_memory = 0;  // bytes
  int threads = 0, gpus = 0, minutes = 0;
  bool measure = false;
  bool restart = false, missing = false, json = false, clean = false, keep_dreams = false, overwrite = false;
};

farm::Places places(const FarmArguments& arguments) {
  farm::Places places;
  const auto given = [](const std::filesystem::path& path) {
    return path.empty() ? std::nullopt : std::optional(path);
  };
  places.plan = arguments.plan;
  places.source = given(arguments.source);
  places.work = given(arguments.work);
  places.output = given(arguments.output);
  places.network = given(arguments.network);
  places.path_map = given(arguments.path_map);
  return places;
}

void add_places(CLI::App& command, FarmArguments& arguments) {
  command.add_option("--plan", arguments.plan, "The plan")->required()->type_name("FILE");
  command.add_option("--source", arguments.source, "The source, in place of the job's input.path")
      ->type_name("FILE");
  command.add_option("--work", arguments.work, "The work folder (default: OUTPUT.work)")->type_name("FOLDER");
  command
      .add_option("--output", arguments.output,
                  "The output, in place of the job's, or of the first of several")
      ->type_name("FILE");
  command.add_option("--network", arguments.network, "The network's file, in place of the job's")
      ->type_name("FILE");
  command.add_option("--path-map", arguments.path_map,
                     "Where other paths of the plan are here: OpenJD's pathmapping-1.0");
}

void add_progress(CLI::App& command, FarmArguments& arguments) {
  command.add_option("--progress", arguments.progress, "How progress is shown")
      ->check(CLI::IsMember(progress_formats()))
      ->each(tell_failures_in)
      ->capture_default_str();
}

std::int64_t chunks_of(const std::string& split) {
  if (split == "shots") return 0;
  const auto count = parse_number(split);
  if (!count || *count == 0)
    throw UsageError(fmt::format("--split: expected shots or a number of chunks, got '{}'", split));
  return *count;
}

void look_before_planning(const job::Job& job, const prepare::PlanOptions& plan) {
  prepare::PreflightOptions options;
  options.frames = plan.range;
  options.elsewhere = true;
  options.stop = plan.stop;
  options.progress = plan.progress;
  prepare::preflight(job, options);
}

void run_plan(const FarmArguments& arguments) {
  const auto& stop = stop_on_signals();
  const auto progress = make_progress("auto");
  auto split = arguments.split_options;
  split.chunks = chunks_of(arguments.split);
  const auto loaded = load(arguments.job);
  const auto& job = loaded.job;
  prepare::PlanOptions options;
  options.range = frames_of(loaded.span, job, &stop);
  options.stop = &stop;
  options.progress = progress.get();
  // Faults are reported now, because otherwise each chunk would fail after its first frame.
  const work::WorkFolder work(work::work_folder_beside(job.output.path));
  expect_replaceable(job, "", work, arguments.overwrite);
  if (!arguments.overwrite) expect_no_other_file(arguments.plan, "--plan", {"{\n \"chunks\": ["});
  report::with_places(loaded.places, [&] { look_before_planning(job, options); });
  auto plan = prepare::make_plan(job, work::facts_of(job, options.range), options);
  prepare::log_fades_cut_short(job, plan.fades, plan.end());
  farm::split(plan, split);
  prepare::set_part_keys(job, plan, &stop);
  farm::write_plan(arguments.plan, plan);
  std::printf("%lld frames, %zu %s, %zu %s\n", static_cast<long long>(plan.frame_count()), plan.shots.size(),
              plan.shots.size() == 1 ? "shot" : "shots", plan.chunks.size(),
              plan.chunks.size() == 1 ? "chunk" : "chunks");
  for (std::size_t i = 0; i < plan.chunks.size(); ++i) {
    std::printf("chunk %zu:", i);
    for (const auto piece : plan.chunks[i])
      std::printf(" %lld..%lld", static_cast<long long>(plan.pieces[piece].begin),
                  static_cast<long long>(plan.pieces[piece].end));
    std::putchar('\n');
  }
  if (!plan.damage.empty()) throw InputError(plan.damage);
}

void run_chunk(const FarmArguments& arguments) {
  const auto& stop = stop_on_signals();
  const auto progress = make_progress(arguments.progress);
  auto farm = farm::open_farm(places(arguments));
  if (!arguments.device.empty()) farm.job.device = arguments.device;
  image::set_threads(wanted_threads(arguments.threads));
  render::RenderOptions options;
  options.stop = &stop;
  options.progress = progress.get();
  options.restart = arguments.restart;
  options.keep_dreams = arguments.keep_dreams;
  options.memory = arguments.job.memory;
  const auto profile = profiled(options, arguments.profile);
  const bool rendered = farm::run_chunk(farm, arguments.index, options);
  finish_chunk(*progress, arguments.index, !rendered);
}

// Where a share is not mounted, nothing of the farm is there, which looks like a farm that has not begun.
void warn_of_missing_share(const farm::Farm& farm) {
  std::error_code unreadable;
  const auto& source = farm.job.input.path;
  if (farm.job.input.noise || std::filesystem::exists(source.parent_path(), unreadable) ||
      std::filesystem::exists(farm.work.root().parent_path(), unreadable))
    return;
  set_log_level(LogLevel::info);
  log_warning("neither the folder of " + source.string() + " nor that of " + farm.job.output.path.string() +
              " is on this machine: is the share mounted?");
}

void run_join(const FarmArguments& arguments) {
  const auto& stop = stop_on_signals();
  const auto progress = make_progress(arguments.progress);
  const auto farm = farm::open_farm(places(arguments));
  render::RenderOptions options;
  options.stop = &stop;
  options.progress = progress.get();
  options.keep_work = !arguments.clean;
  expect_replaceable(farm.job, farm.plan_file, farm.work, arguments.overwrite);
  warn_of_missing_share(farm);
  farm::join(farm, options);
  warn_of_older_pictures(farm.job, farm.plan.begin(), farm.plan.end());
  progress->finish(farm.job.output.path.string(), farm.plan.frame_count(), 0);
}

void run_status(const FarmArguments& arguments) {
  set_log_level(LogLevel::error);  // the table reports the errors
  const auto farm = farm::open_farm(places(arguments));
  const auto all = farm::status(farm);
  warn_of_missing_share(farm);
  std::vector<std::size_t> missing;
  auto json = nlohmann::json::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& chunk = all[i];
    if (chunk.state != farm::ChunkState::done) missing.push_back(i);
    json.push_back({{"chunk", i},
                    {"state", name_of(chunk.state)},
                    {"frames", chunk.frames},
                    {"frames_done", chunk.frames_done},
                    {"holder", chunk.holder}});
  }
  if (arguments.missing) {
    std::printf("%s\n", farm::ranges(missing).c_str());
  } else if (arguments.json) {
    std::printf("%s\n", json.dump(1).c_str());
  } else {
    for (std::size_t i = 0; i < all.size(); ++i)
      std::printf("%zu  %-10s %lld/%lld  %s\n", i, name_of(all[i].state),
                  static_cast<long long>(all[i].frames_done), static_cast<long long>(all[i].frames),
                  all[i].holder.c_str());
  }
}

std::int64_t longest_chunk(const schedule::Plan& plan) {
  std::int64_t longest = 0;
  for (const auto& chunk : plan.chunks) {
    std::int64_t frames = 0;
    for (const auto piece : chunk) frames += plan.pieces[piece].end - plan.pieces[piece].start;
    longest = std::max(longest, frames);
  }
  return longest;
}

// Times one step here. A chunk takes 70 % of its memory by default, which must be as much as it took here.
// Other machines are slower, and a chunk that is stopped by its limit starts its program once more.
void add_measured(const farm::Farm& farm, farm::EmitOptions& options) {
  constexpr double kMarginOfTime = 3, kMinutesToStart = 10, kMarginOfMemory = 1.25, kShareOfLimit = 0.7;
  const auto cost = study::estimate(farm.job, farm.plan.facts.range, options.memory);
  const double a_frame = cost.total_seconds / static_cast<double>(std::max<std::int64_t>(cost.frames, 1));
  const double seconds = a_frame * static_cast<double>(longest_chunk(farm.plan));
  if (options.minutes == 0)
    options.minutes = static_cast<int>(std::ceil(kMarginOfTime * seconds / 60 + kMinutesToStart));
  if (options.reserved_bytes == 0)
    options.reserved_bytes =
        static_cast<std::int64_t>(std::ceil(cost.peak_memory_mib * kMarginOfMemory / kShareOfLimit / 256)) *
        (256LL << 20);
  std::printf("on this machine, the longest chunk would take about %.1f minutes\n", seconds / 60);
}

void run_emit(const FarmArguments& arguments) {
  constexpr double kBesideTheProcess = 1.1;  // what the kernel counts to it
  farm::EmitOptions options;
  options.scheduler = arguments.scheduler == "slurm"    ? farm::Scheduler::slurm
                      : arguments.scheduler == "openjd" ? farm::Scheduler::openjd
                                                        : farm::Scheduler::commands;
  options.folder = arguments.folder;
  options.executable = arguments.executable.empty() ? program_path() : arguments.executable;
  options.threads = arguments.threads;
  options.gpus = arguments.gpus;
  options.minutes = arguments.minutes;
  options.memory = arguments.chunk_memory;
  options.reserved_bytes = static_cast<std::int64_t>(kBesideTheProcess * static_cast<double>(options.memory));
  const auto farm = farm::open_farm(places(arguments));
  if (arguments.measure) {
    image::set_threads(wanted_threads(arguments.threads));
    add_measured(farm, options);
  }
  farm::emit(farm, places(arguments), options);
  for (const auto& line : farm::asked_in_words(farm, options)) std::printf("%s\n", printable(line).c_str());
}

void add_plan(CLI::App& farm, const std::shared_ptr<FarmArguments>& arguments) {
  CLI::App* command = farm.add_subcommand("plan", "Find the shots of a job and cut it into chunks");
  add_job(*command, arguments->job);
  command->add_option("-o,--plan", arguments->plan, "The plan to write")->required()->type_name("FILE");
  command->add_option("--output", arguments->job.output, "Output, in place of the job's output.path")
      ->type_name("FILE");
  add_frames(*command, arguments->job);
  add_overwrite(*command, arguments->overwrite);
  command
      ->add_option("--split", arguments->split,
                   "shots: each shot is a chunk; N: whole shots in at most N chunks")
      ->capture_default_str();
  command
      ->add_option("--max-frames", arguments->split_options.max_frames,
                   "Cut shots that are longer than this many frames; each seam shows")
      ->check(CLI::Range(std::int64_t{0}, kMostFramesOfAPiece));
  command
      ->add_option("--warmup", arguments->split_options.warmup,
                   "How many frames are dreamed before a seam, to soften it")
      ->check(CLI::Range(std::int64_t{0}, kMostFramesOfAPiece));
  command->callback([arguments] { run_plan(*arguments); });
}

void add_chunk(CLI::App& farm, const std::shared_ptr<FarmArguments>& arguments) {
  CLI::App* command = farm.add_subcommand("chunk", "Render one chunk, or go on with it");
  add_places(*command, *arguments);
  add_progress(*command, *arguments);
  command->add_option("--index", arguments->index, "Number of the chunk, from 0")
      ->required()
      ->check(without_sign());
  command->add_option("--device", arguments->device, "The device, in place of the job's");
  command->add_option("--threads", arguments->threads, "Threads of the ascent (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  add_memory(*command, arguments->job.memory);
  command->add_flag("--restart", arguments->restart, "Throw away what is there of this chunk");
  command->add_flag("--keep-dreams", arguments->keep_dreams,
                    "Leave every dreamed frame in the work folder: another encoder needs no dreaming");
  add_profile(*command, arguments->profile);
  command->callback([arguments] { run_chunk(*arguments); });
}

void add_join_status_emit(CLI::App& farm, const std::shared_ptr<FarmArguments>& arguments) {
  CLI::App* join = farm.add_subcommand("join", "Join all chunks into the output");
  add_places(*join, *arguments);
  add_progress(*join, *arguments);
  add_overwrite(*join, arguments->overwrite);
  join->add_flag("--clean", arguments->clean, "Remove the work folder afterwards");
  join->callback([arguments] { run_join(*arguments); });
  CLI::App* status = farm.add_subcommand("status", "What is done of a plan");
  add_places(*status, *arguments);
  status->add_flag("--missing", arguments->missing, "Only the numbers of chunks that are not done: 1,4-5");
  status->add_flag("--json", arguments->json, "As JSON");
  status->callback([arguments] { run_status(*arguments); });
  CLI::App* emit = farm.add_subcommand("emit", "Write job scripts; nothing is submitted");
  emit->add_option("SCHEDULER", arguments->scheduler, "Whose scripts to write")
      ->required()
      ->check(CLI::IsMember({"slurm", "openjd", "commands"}));
  emit->add_option("-o,--folder", arguments->folder, "Folder for the scripts")
      ->required()
      ->type_name("FOLDER");
  add_places(*emit, *arguments);
  emit->add_option("--threads", arguments->threads, "Cores for each chunk")
      ->check(CLI::Range(1, kMostThreads));
  emit->add_option("--gpus", arguments->gpus, "GPUs for each chunk")->check(CLI::Range(0, kMostGpus));
  emit->add_option_function<std::string>(
          "--memory",
          [arguments](const std::string& text) {
            const auto size = parse_size(text);
            if (!size)
              throw CLI::ValidationError("--memory",
                                         fmt::format("expected a size like 6GiB or 800M, got '{}'", text));
            arguments->chunk_memory = *size;
          },
          "How much memory each chunk may take; the scheduler is asked for a tenth more")
      ->type_name("SIZE");
  emit->add_option("--minutes", arguments->minutes,
                   "The longest time of a chunk; what takes longer is queued again and goes on")
      ->check(CLI::Range(kLeastMinutes, kMostMinutes));
  emit->add_flag("--measure", arguments->measure,
                 "Time one step here, and ask the scheduler for the memory and the time that it points to");
  emit->add_option("--program", arguments->executable, "dreamreel on the workers (default: this one)")
      ->type_name("FILE");
  emit->callback([arguments] { run_emit(*arguments); });
}

}  // namespace

void add_farm(CLI::App& app) {
  auto arguments = std::make_shared<FarmArguments>();
  CLI::App* farm = app.add_subcommand("farm", "Render on many machines: plan, chunk, join, status, emit");
  farm->require_subcommand(1);
  add_plan(*farm, arguments);
  add_chunk(*farm, arguments);
  add_join_status_emit(*farm, arguments);
}

}  // namespace dreamreel::app
