#include <cstdio>
#include <memory>

#include "commands.h"
#include "curve_files.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/render/forecast.h"
#include "dreamreel/study/estimate.h"
#include "job_arguments.h"

namespace dreamreel::app {
namespace {

void print_estimate(const study::Estimate& estimate) {
  std::printf("# %lld frames of %dx%d at %.6g fps, %zu %s, %lld %s\n",
              static_cast<long long>(estimate.frames), estimate.width, estimate.height,
              estimate.frames_per_second, estimate.shots.size(),
              estimate.shots.size() == 1 ? "shot" : "shots", static_cast<long long>(estimate.segments),
              estimate.segments == 1 ? "segment" : "segments");
  for (const auto& shot : estimate.shots)
    std::printf("#   frames %lld..%lld\n", static_cast<long long>(shot.begin),
                static_cast<long long>(shot.end));
  if (estimate.dreamed < estimate.frames)
    std::printf("# %lld of them are dreamed, the others filled in\n",
                static_cast<long long>(estimate.dreamed));
  if (estimate.run_in > 0)
    std::printf("# a loop: %lld more frames are dreamed before frame 0\n",
                static_cast<long long>(estimate.run_in));
  std::printf("# %.1f ms a step; %.2f s for the first frame of a shot, %.2f s for every other\n",
              estimate.step_seconds * 1e3, estimate.first_frame_seconds, estimate.next_frame_seconds);
  if (!estimate.tiles.empty()) std::printf("# dreamed in %s\n", estimate.tiles.c_str());
  std::printf("# time about %.1f minutes, memory about %.0f MiB, output about %.1f MiB\n",
              estimate.total_seconds / 60, estimate.peak_memory_mib, estimate.output_mib);
}

// Of a render that was begun, or kept: what the next one does.
void print_forecast(const render::Forecast& ahead, const study::Estimate& estimate) {
  for (const auto& line : ahead.lines) std::printf("# %s\n", printable(line).c_str());
  const double seconds = static_cast<double>(ahead.shots_begun) * estimate.first_frame_seconds +
                         static_cast<double>(ahead.dreamed - ahead.shots_begun) * estimate.next_frame_seconds;
  std::printf("# rendering that takes about %.1f minutes\n", seconds / 60);
}

void run(const JobArguments& arguments, const std::filesystem::path& curves) {
  const auto frames = parse_frames(arguments.frames);
  if (!curves.empty()) check_curve_file(curves);
  const auto job = load(arguments);
  std::fputs(printable_lines(job::to_yaml(job)).c_str(), stdout);
  std::putchar('\n');
  std::fflush(stdout);
  if (!curves.empty()) {
    write_curves(study::curve_sheet(job, frames), arguments.file.filename().string(), curves);
    std::printf("# curves in %s\n", printable(curves.string()).c_str());
  }
  const auto estimate = study::estimate(job, frames, arguments.memory);
  print_estimate(estimate);
  if (const auto ahead = render::forecast(job, frames)) print_forecast(*ahead, estimate);
  if (estimate.source_damaged) throw InputError(estimate.damage);
}

}  // namespace

void add_check(CLI::App& app) {
  auto arguments = std::make_shared<JobArguments>();
  CLI::App* command = app.add_subcommand("check", "Print the resolved job, its shots, and what it will cost");
  add_job_arguments(*command, *arguments);
  const auto curves = std::make_shared<std::filesystem::path>();
  command
      ->add_option("--curves", *curves,
                   "Draw every curve beside the sound into FILE.html, or list them in FILE.csv")
      ->type_name("FILE");
  command->callback([arguments, curves] { run(*arguments, *curves); });
}

}  // namespace dreamreel::app
