#include "dreamreel/render/render.h"

#include <memory>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/prepare/kept_work.h"
#include "dreamreel/report/located.h"
#include "dreamreel/work/work_folder.h"
#include "job_arguments.h"
#include "overwrite.h"
#include "profile.h"
#include "program.h"
#include "progress.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

struct RenderArguments {
  JobArguments job;
  std::string progress = "auto";
  std::filesystem::path preview, profile;
  bool restart = false;
  bool keep_work = false, keep_dreams = false;
  bool overwrite = false;
  int workers = 0;
  std::vector<std::string> devices;
};

render::RenderResult with_workers(const job::Job& job, const RenderArguments& arguments,
                                  const render::RenderOptions& render_options) {
  farm::WorkersOptions options;
  options.workers = arguments.workers;
  options.devices = arguments.devices;
  options.threads = image::set_threads(wanted_threads(arguments.job.threads));
  options.render = render_options;
  return farm::render_with_workers(job, program_path(), options);
}

void run_render(const RenderArguments& arguments) {
  const auto& stop = stop_on_signals();
  const auto progress = make_progress(arguments.progress);
  render::RenderOptions options;
  if (!arguments.preview.empty()) options.preview = arguments.preview;
  options.restart = arguments.restart;
  options.keep_work = arguments.keep_work;
  options.keep_dreams = arguments.keep_dreams;
  options.stop = &stop;
  options.progress = progress.get();
  options.memory = arguments.job.memory;
  const auto loaded = load(arguments.job);
  const auto& job = loaded.job;
  options.frames = frames_of(loaded.span, job, &stop);
  const work::WorkFolder work(work::work_folder_beside(job.output.path));
  expect_replaceable(job, arguments.restart ? "" : work.plan(), work, arguments.overwrite);
  if (!arguments.restart)
    if (const auto elsewhere = prepare::work_left_elsewhere(job)) log_warning(*elsewhere);
  if (!arguments.preview.empty()) expect_no_file_of_job(arguments.preview, job);
  if (arguments.workers > 0 && !arguments.profile.empty())
    throw UsageError("--profile shows one process; leave out --workers");
  const auto profile = profiled(options, arguments.profile);
  const auto result = report::with_places(loaded.places, [&] {
    return arguments.workers > 0 ? with_workers(job, arguments, options) : render::render(job, options);
  });
  warn_of_older_pictures(job, options.frames.begin, options.frames.begin + result.frames);
  // Everything that could be decoded was rendered, and the output exists. The exit code tells that the input
  // was damaged.
  if (result.source_damaged) throw InputError(result.damage);
}

}  // namespace

void add_render(CLI::App& app) {
  auto arguments = std::make_shared<RenderArguments>();
  CLI::App* command = app.add_subcommand("render", "Render a job");
  add_job_arguments(*command, arguments->job);
  command->add_option("--progress", arguments->progress, "How progress is shown")
      ->check(CLI::IsMember(progress_formats()))
      ->each(tell_failures_in)
      ->capture_default_str();
  command
      ->add_option("--preview", arguments->preview,
                   "A picture that is written anew while rendering, e.g. look.jpg")
      ->type_name("FILE");
  add_profile(*command, arguments->profile);
  command
      ->add_option("--workers", arguments->workers,
                   "Render this many shots side by side, in processes of their own")
      ->check(CLI::Range(1, kMostWorkers));
  command
      ->add_option("--devices", arguments->devices,
                   "Devices that the workers take turns on, e.g. cuda:0,cuda:1")
      ->delimiter(',');
  add_overwrite(*command, arguments->overwrite);
  command->add_flag("--restart", arguments->restart, "Throw away what an unfinished run of this job left");
  command->add_flag("--keep-work", arguments->keep_work,
                    "Leave the encoded parts in OUTPUT.work, so that an edit renders only what changed");
  command->add_flag("--keep-dreams", arguments->keep_dreams,
                    "As --keep-work, with every dreamed frame: another encoder or opacity needs no dreaming");
  command->footer(
      "A render that was stopped, in whatever way, goes on when the same command is run again; if the job "
      "has changed,\n"
      "only what changed is rendered. TERM, INT, HUP and USR1 stop it within seconds with exit code 75; a "
      "second "
      "INT at once.");
  command->callback([arguments] { run_render(*arguments); });
}

}  // namespace dreamreel::app
