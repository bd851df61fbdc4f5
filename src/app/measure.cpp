#include "dreamreel/study/finished_files.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/render/threads.h"
#include "job_arguments.h"

namespace dreamreel::app {
namespace {

struct MeasureArguments {
  std::filesystem::path output, source;
  std::string filter;
  std::string trim_start, trim_end;
  int threads = 0;
  bool json = false;
};

std::optional<TimePoint> parse_trim(const char* option, const std::string& text) {
  if (text.empty()) return {};
  const auto time = parse_time(text);
  if (!time)
    throw UsageError(std::string(option) + ": expected a time like 4s, 00:04.5 or 96f, got '" + text + "'");
  return time;
}

// JSON has no infinity and no "none": both become null.
nlohmann::json number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

nlohmann::json to_json(const study::FrameMeasure& frame) {
  return {{"is_cut", frame.is_cut},
          {"warping_error", number(frame.warping_error)},
          {"sharpness", frame.sharpness},
          {"psnr_db", number(frame.psnr_db)},
          {"level", frame.level},
          {"contrast", frame.contrast},
          {"level_drift", number(frame.level_drift)},
          {"contrast_drift", number(frame.contrast_drift)}};
}

void print_json(const study::Measurement& measurement) {
  nlohmann::json json{{"frame_count", measurement.frames.size()},
                      {"warping_error", number(measurement.warping_error)},
                      {"sharpness", measurement.sharpness},
                      {"psnr_db", number(measurement.psnr_db)},
                      {"level_drift", number(measurement.level_drift)},
                      {"contrast_drift", number(measurement.contrast_drift)},
                      {"note", measurement.note},
                      {"frames", nlohmann::json::array()}};
  for (const auto& frame : measurement.frames) json["frames"].push_back(to_json(frame));
  std::printf("%s\n", json.dump().c_str());
}

void print_row(const char* what, const std::optional<double>& value, double scale, const char* unit) {
  if (value) {
    std::printf("%-16s %10.6g %s\n", what, *value * scale, unit);
  } else {
    std::printf("%-16s %10s\n", what, "-");
  }
}

void print_table(const study::Measurement& measurement) {
  const auto cuts = std::ranges::count_if(measurement.frames, &study::FrameMeasure::is_cut);
  std::printf("%-16s %10zu, %lld cuts\n", "frames", measurement.frames.size(), static_cast<long long>(cuts));
  print_row("warping error", measurement.warping_error, 1, "mean squared difference along the flow");
  print_row("sharpness", measurement.sharpness, 1, "variance of the Laplacian");
  print_row("PSNR to source", measurement.psnr_db, 1, "dB");
  print_row("level drift", measurement.level_drift, 100, "% at most, where the source is still");
  print_row("contrast drift", measurement.contrast_drift, 100, "% at most, where the source is still");
}

void run(const MeasureArguments& arguments) {
  render::set_threads(wanted_threads(arguments.threads));
  study::MeasureFiles files;
  files.output = arguments.output;
  files.source = arguments.source;
  files.filter = arguments.filter;
  files.trim_start = parse_trim("--trim-start", arguments.trim_start);
  files.trim_end = parse_trim("--trim-end", arguments.trim_end);
  const auto measurement = study::measure_files(files);
  if (!measurement.note.empty()) log_warning(measurement.note);
  if (arguments.json) {
    print_json(measurement);
  } else {
    print_table(measurement);
  }
}

}  // namespace

void add_measure(CLI::App& app) {
  auto arguments = std::make_shared<MeasureArguments>();
  CLI::App* command =
      app.add_subcommand("measure", "Measure flicker, sharpness, distance to the source and drift");
  command->add_option("OUT", arguments->output, "The dreamed video")->required();
  command->add_option("--source", arguments->source, "The clip it was made from (none for noise)");
  command->add_option("--filter", arguments->filter, "The job's input.filter, so that the sizes agree");
  command->add_option("--trim-start", arguments->trim_start, "The job's input.trim, first value");
  command->add_option("--trim-end", arguments->trim_end, "The job's input.trim, second value");
  command->add_option("--threads", arguments->threads, "Threads (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  command->add_flag("--json", arguments->json, "Print one JSON object, frame by frame");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace dreamreel::app
