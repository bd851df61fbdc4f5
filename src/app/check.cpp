#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "curve_files.h"
#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/footage/own_variables.h"
#include "dreamreel/prepare/forecast.h"
#include "dreamreel/prepare/kept_work.h"
#include "dreamreel/report/located.h"
#include "dreamreel/settings/settings_error.h"
#include "dreamreel/study/estimate.h"
#include "job_arguments.h"
#include "overwrite.h"

namespace dreamreel::app {
namespace {

struct CheckArguments {
  JobArguments job;
  std::filesystem::path curves;
  bool json = false;
};

// A job with the results of its check.
struct Checked {
  LoadedJob loaded;
  study::Estimate estimate;
  std::vector<std::string> own_variables;     // a line for each series and stem
  std::optional<prepare::Forecast> forecast;  // for a render that was begun or kept
};

// Whether some shots cost more than others, as scenes do.
bool shots_differ(const study::Estimate& estimate) {
  constexpr double kSame = 0.02;  // a share of the time
  const auto is_like = [](double a, double b) { return std::abs(a - b) <= kSame * std::max(a, b); };
  return std::ranges::any_of(estimate.shot_seconds, [&](const auto& shot) {
    const auto& first = estimate.shot_seconds.front();
    return !is_like(shot.first_frame, first.first_frame) || !is_like(shot.next_frame, first.next_frame);
  });
}

// From coarse to fine, in the order in which they are dreamed.
std::string octaves_in_words(const study::Estimate& estimate) {
  const auto& sizes = estimate.octaves;
  std::string text = counted(std::ssize(sizes), "octave") + " of ";
  for (auto size = sizes.rbegin(); size != sizes.rend(); ++size)
    text += fmt::format("{}{}x{}", size == sizes.rbegin() ? "" : ", ", size->width, size->height);
  return text;
}

void print_estimate(const study::Estimate& estimate) {
  std::printf("# %s of %dx%d at %.6g fps, %s, %s\n", counted(estimate.frames, "frame").c_str(),
              estimate.width, estimate.height, estimate.frames_per_second,
              counted(std::ssize(estimate.shots), "shot").c_str(),
              counted(estimate.segments, "segment").c_str());
  const bool differ = shots_differ(estimate);
  for (std::size_t i = 0; i < estimate.shots.size(); ++i) {
    const auto& shot = estimate.shots[i];
    std::printf("#   frames %lld..%lld", static_cast<long long>(shot.begin),
                static_cast<long long>(shot.end));
    const auto& [first, next] = estimate.shot_seconds[i];
    if (differ) std::printf(": %.2f s for the first one, %.2f s for every other", first, next);
    std::printf("\n");
  }
  if (estimate.dreamed < estimate.frames)
    std::printf("# %lld of them are dreamed, the others filled in\n",
                static_cast<long long>(estimate.dreamed));
  if (estimate.backward > 0)
    std::printf("# temporal.passes: %lld frames are dreamed backward before these\n",
                static_cast<long long>(estimate.backward));
  if (estimate.run_in > 0)
    std::printf("# a loop: %lld more frames are dreamed before frame 0\n",
                static_cast<long long>(estimate.run_in));
  for (const auto& fade : estimate.fades)
    std::printf("# a cross-fade over frames %lld..%lld; each of them is dreamed twice\n",
                static_cast<long long>(fade.begin), static_cast<long long>(fade.end));
  std::printf("# %s\n", octaves_in_words(estimate).c_str());
  std::printf("# %.1f ms a step; %s%.2f s for the first frame of a shot, %.2f s for every other\n",
              estimate.step_seconds * 1e3, differ ? "on average " : "", estimate.first_frame_seconds,
              estimate.next_frame_seconds);
  if (estimate.mask_seconds > 0)
    std::printf("# %.2f s a frame for masks from networks or motion\n", estimate.mask_seconds);
  if (estimate.rhythm)
    std::printf("# beats of the sound: %.4g a minute, bars of %d beats, bar 0 begins at %.4g s\n",
                estimate.rhythm->bpm, estimate.rhythm->beats_of_bar, estimate.rhythm->first_bar_seconds);
  if (!estimate.tiles.empty()) std::printf("# dreamed in %s\n", estimate.tiles.c_str());
  const bool several = estimate.outputs.size() > 1;
  std::printf("# time about %.1f minutes, memory about %.0f MiB, %s about %.1f MiB\n",
              estimate.total_seconds / 60, estimate.peak_memory_mib, several ? "outputs" : "output",
              estimate.output_mib);
  if (!several) return;
  for (const auto& output : estimate.outputs)
    std::printf("#   %s about %.1f MiB, encoded at the end in about %.1f minutes\n",
                printable(output.path.string()).c_str(), output.mib, output.encoding_seconds / 60);
  std::printf("# until all are encoded, the work folder takes about %.1f MiB: every frame, without loss\n",
              estimate.work_mib);
}

// For a render that was begun or kept: what the next render does.
void print_forecast(const prepare::Forecast& ahead, const study::Estimate& estimate) {
  for (const auto& line : ahead.lines) std::printf("# %s\n", printable(line).c_str());
  double seconds = static_cast<double>(ahead.shots_begun) * estimate.first_frame_seconds +
                   static_cast<double>(ahead.dreamed - ahead.shots_begun) * estimate.next_frame_seconds;
  for (std::size_t i = 0; i < estimate.outputs.size(); ++i)
    if (ahead.encodes.at(i)) seconds += estimate.outputs[i].encoding_seconds;
  std::printf("# rendering that takes about %.1f minutes\n", seconds / 60);
}

nlohmann::json json_of(const study::Estimate& estimate) {
  auto shots = nlohmann::json::array();
  for (const auto& shot : estimate.shots) shots.push_back({shot.begin, shot.end});
  auto octaves = nlohmann::json::array();
  for (const auto& octave : estimate.octaves) octaves.push_back({octave.width, octave.height});
  auto shot_seconds = nlohmann::json::array();
  for (const auto& shot : estimate.shot_seconds)
    shot_seconds.push_back({{"first_frame", shot.first_frame}, {"next_frame", shot.next_frame}});
  nlohmann::json rhythm;  // null
  if (estimate.rhythm)
    rhythm = {{"beats_per_minute", estimate.rhythm->bpm},
              {"beats_of_bar", estimate.rhythm->beats_of_bar},
              {"first_bar_seconds", estimate.rhythm->first_bar_seconds}};
  auto fades = nlohmann::json::array();
  for (const auto& fade : estimate.fades) fades.push_back({fade.begin, fade.end});
  return {{"frames", estimate.frames},
          {"frames_dreamed", estimate.dreamed},
          {"backward_frames", estimate.backward},
          {"run_in_frames", estimate.run_in},
          {"width", estimate.width},
          {"height", estimate.height},
          {"frames_per_second", estimate.frames_per_second},
          {"shots", shots},
          {"crossfades", fades},
          {"segments", estimate.segments},
          {"tiles", estimate.tiles},
          {"seconds", estimate.total_seconds},
          {"octaves", octaves},
          {"step_seconds", estimate.step_seconds},
          {"first_frame_seconds", estimate.first_frame_seconds},
          {"next_frame_seconds", estimate.next_frame_seconds},
          {"shot_seconds", shot_seconds},
          {"rhythm", rhythm},
          {"memory_bytes", static_cast<std::int64_t>(estimate.peak_memory_mib * (1 << 20))},
          {"output_bytes", static_cast<std::int64_t>(estimate.output_mib * (1 << 20))},
          {"work_bytes", static_cast<std::int64_t>(estimate.work_mib * (1 << 20))}};
}

nlohmann::json json_of_outputs(const study::Estimate& estimate,
                               const std::vector<std::filesystem::path>& existing) {
  auto outputs = nlohmann::json::array();
  for (const auto& output : estimate.outputs)
    outputs.push_back({{"path", output.path.string()},
                       {"exists", std::ranges::find(existing, output.path) != existing.end()},
                       {"bytes", static_cast<std::int64_t>(output.mib * (1 << 20))},
                       {"encoding_seconds", output.encoding_seconds}});
  return outputs;
}

nlohmann::json json_of(const settings::Problem& problem) {
  return {{"file", problem.file},
          {"line", problem.line},
          {"place", problem.place},
          {"key", problem.key},
          {"message", problem.message}};
}

// Collects warnings, instead of printing them to stderr.
class Warnings {
 public:
  Warnings() {
    set_log_sink([this](LogLevel level, std::string_view message) {
      if (level == LogLevel::warning) texts_.emplace_back(message);
    });
  }
  ~Warnings() { set_log_sink({}); }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
};

void print_report(const nlohmann::json& report) {
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;  // paths need not be UTF-8
  std::printf("%s\n", report.dump(1, ' ', false, kReplace).c_str());
  std::fflush(stdout);
}

Checked checked(const CheckArguments& arguments) {
  if (!arguments.curves.empty()) check_curve_file(arguments.curves);
  Checked found;
  found.loaded = load(arguments.job);
  const auto& job = found.loaded.job;
  const auto frames = frames_of(found.loaded.span, job);
  if (!arguments.curves.empty())
    write_curves(study::curve_sheet(job, frames), job_file(arguments.job).filename().string(),
                 arguments.curves);
  found.estimate = report::with_places(found.loaded.places,
                                       [&] { return study::estimate(job, frames, arguments.job.memory); });
  found.own_variables = footage::own_variables_in_words(job);
  found.forecast = prepare::forecast(job, frames);
  if (const auto elsewhere = prepare::work_left_elsewhere(job)) log_warning(*elsewhere);
  return found;
}

void run_for_programs(const CheckArguments& arguments) {
  nlohmann::json report{{"format", "dreamreel-check-1"},
                        {"job", job_file(arguments.job).string()},
                        {"ok", false},
                        {"exit_code", 0},
                        {"problems", nlohmann::json::array()},
                        {"warnings", nlohmann::json::array()},
                        {"output", nullptr},
                        {"output_exists", false},
                        {"outputs", nlohmann::json::array()},
                        {"own_variables", nlohmann::json::array()},
                        {"estimate", nullptr},
                        {"forecast", nullptr}};
  const Warnings warnings;
  const auto finish = [&] {
    report["warnings"] = warnings.texts();
    print_report(report);
  };
  try {
    const Checked found = checked(arguments);
    report["output"] = found.loaded.job.output.path.string();
    const auto existing = existing_outputs(found.loaded.job);
    report["output_exists"] = !existing.empty();
    report["outputs"] = json_of_outputs(found.estimate, existing);
    report["estimate"] = json_of(found.estimate);
    report["own_variables"] = found.own_variables;
    if (found.forecast)
      report["forecast"] = {{"frames_dreamed", found.forecast->dreamed}, {"lines", found.forecast->lines}};
    if (found.estimate.source_damaged) throw InputError(found.estimate.damage);
    report["ok"] = true;
    finish();
  } catch (const Error& error) {
    report["exit_code"] = static_cast<int>(error.code());
    for (const auto& problem : report::problems_of(error)) report["problems"].push_back(json_of(problem));
    finish();
    throw;
  }
}

void run_check(const CheckArguments& arguments) {
  if (arguments.json) return run_for_programs(arguments);
  const Checked found = checked(arguments);
  const auto& job = found.loaded.job;
  std::fputs(printable_lines(job::to_yaml(job)).c_str(), stdout);
  std::putchar('\n');
  if (!arguments.curves.empty())
    std::printf("# curves in %s\n", printable(arguments.curves.string()).c_str());
  for (const auto& line : found.own_variables) std::printf("# %s\n", printable(line).c_str());
  print_estimate(found.estimate);
  for (const auto& path : existing_outputs(job))
    std::printf("# %s exists already: render replaces it with -y alone\n", printable(path.string()).c_str());
  std::fflush(stdout);
  if (found.forecast) print_forecast(*found.forecast, found.estimate);
  if (found.estimate.source_damaged) throw InputError(found.estimate.damage);
}

}  // namespace

void add_check(CLI::App& app) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = app.add_subcommand("check", "Print the resolved job, its shots, and what it will cost");
  add_job_arguments(*command, arguments->job);
  command
      ->add_option("--curves", arguments->curves,
                   "Draw every curve beside the sound into FILE.html, or list them in FILE.csv")
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "Print problems, warnings and costs as JSON");
  command->callback([arguments] { run_check(*arguments); });
}

}  // namespace dreamreel::app
