#include "dreamreel/render/render.h"

#include <memory>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "job_arguments.h"
#include "progress.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

struct RenderArguments {
  JobArguments job;
  std::string progress = "auto";
  std::filesystem::path preview;
};

void run(const RenderArguments& arguments) {
  const auto& stop = stop_on_signals();
  const auto progress = make_progress(arguments.progress);
  render::RenderOptions options;
  options.frames = parse_frames(arguments.job.frames);
  if (!arguments.preview.empty()) options.preview = arguments.preview;
  options.stop = &stop;
  options.progress = progress.get();
  const auto result = render::render(load(arguments.job), options);
  // What could be decoded was rendered and stands under its name; the exit code says that the input was not whole.
  if (result.source_damaged) throw InputError(result.damage);
}

}  // namespace

void add_render(CLI::App& app) {
  auto arguments = std::make_shared<RenderArguments>();
  CLI::App* command = app.add_subcommand("render", "Render a job");
  add_job_arguments(*command, arguments->job);
  command->add_option("--progress", arguments->progress, "How progress is shown")
      ->check(CLI::IsMember(progress_formats()))
      ->capture_default_str();
  command->add_option("--preview", arguments->preview, "A picture rewritten while rendering, e.g. look.jpg");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace dreamreel::app
